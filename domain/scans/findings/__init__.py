"""Findings: one model whatever the tool, what makes two of them the same, and what changed since a baseline."""
