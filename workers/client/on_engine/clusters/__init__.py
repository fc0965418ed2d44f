"""Clusters that people make, change and end: `Clusters` on the engine."""
