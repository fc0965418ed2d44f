"""One file per scanner; registry.py names them. Peculiarities of a tool are noted in its file."""
