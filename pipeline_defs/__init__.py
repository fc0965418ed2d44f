"""Reads YAML definitions. Knows domain and the shape of documents; uses no network and starts nothing."""
