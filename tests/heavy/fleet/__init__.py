"""The fleet of real clusters, as people see it."""
