"""Findings: one model for all tools, identity across tools, and changes since a baseline."""
