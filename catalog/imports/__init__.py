"""Files that products come from: each format is one module here with a constant IMPORTER."""
