"""How what is live differs from what was released."""
