"""Concurrency groups: requests of runs and jobs for a slot."""
