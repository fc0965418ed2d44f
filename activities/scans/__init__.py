"""Scanners, findings, gates, advisories."""
