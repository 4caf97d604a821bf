"""One module for each numbered SQL file, all alike: ``schema.migration`` reads the file."""
