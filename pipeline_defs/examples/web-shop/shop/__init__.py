"""A small shop: a catalogue, and prices with tax."""
