"""Which run may have which secret, by rules of the installation."""
