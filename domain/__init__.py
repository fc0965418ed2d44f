"""Makes all decisions. Pure: the standard library only, no clock, no randomness, no I/O."""
