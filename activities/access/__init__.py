"""Who somebody is, and what is registered."""
