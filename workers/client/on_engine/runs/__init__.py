"""Runs, their jobs and their logs on the engine."""
