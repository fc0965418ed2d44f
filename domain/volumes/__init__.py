"""One volume claim, for its life."""
