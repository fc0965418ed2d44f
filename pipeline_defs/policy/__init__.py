"""Policies: their shape, and what is wrong with them."""
