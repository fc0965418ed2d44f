"""A definition, its jobs and its plan."""
