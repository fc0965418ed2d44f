"""One file per platform; registry.py names them."""
