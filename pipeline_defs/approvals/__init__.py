"""People who decide."""
