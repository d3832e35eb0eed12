"""The bundled thesis files: one thesis a file, data only (see README, "Your own thesis")."""
