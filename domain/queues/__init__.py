"""Concurrency groups and their slots."""
