"""Versions as sets of objects in a namespace of a cluster."""
