"""Releases and their environments on the engine."""
