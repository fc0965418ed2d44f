"""Policies: what holds for a push, whatever its definition says."""
