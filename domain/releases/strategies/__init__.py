"""One file per strategy; registry.py names them."""
