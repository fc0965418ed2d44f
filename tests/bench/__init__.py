"""Measurements of the engine, each beside a baseline in the same process: `make bench`."""
