"""Results as files: JSON by a schema, CSV, and writing them whole."""
