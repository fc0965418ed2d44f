"""Secrets: where their values lie, and the broker that hands them out by rule."""
