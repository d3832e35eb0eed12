"""Pages: one self-contained HTML file a result."""
