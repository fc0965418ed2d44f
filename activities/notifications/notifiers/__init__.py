"""One file per channel; registry.py names them."""
