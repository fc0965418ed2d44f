"""Channels on which people are told."""
