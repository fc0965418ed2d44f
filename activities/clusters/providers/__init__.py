"""Cluster providers, one file each; registry.py names them."""
