"""One verb of the CLI, one file."""
