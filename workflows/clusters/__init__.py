"""Clusters: their providers, their life, their repair."""
