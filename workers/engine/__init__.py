"""The embedded engine of a home."""
