"""Clusters: providers, lifecycle, automatic repair."""
