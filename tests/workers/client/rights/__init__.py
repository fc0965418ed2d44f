"""Rights on the engine."""
