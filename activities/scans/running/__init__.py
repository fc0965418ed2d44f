"""How scanners are run: in which order, within which limits, and only on what has changed."""
