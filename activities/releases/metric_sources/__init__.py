"""One file per source of counters; registry.py names them."""
