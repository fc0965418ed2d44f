"""One file per target; registry.py names them."""
