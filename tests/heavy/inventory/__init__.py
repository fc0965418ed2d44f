"""Watches of real API servers."""
