"""Identities, and registered definitions."""
