"""Reads YAML. Knows domain and the shape of documents; touches no network and starts nothing."""
