"""One pod, for its life."""
