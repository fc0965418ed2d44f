"""One execution of a pipeline."""
