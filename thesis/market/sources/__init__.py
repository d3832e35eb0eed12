"""Where bars come from: files and folders, and the bundled simulated sample."""
