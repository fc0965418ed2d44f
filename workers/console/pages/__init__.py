"""Handlers of pages by feature."""
