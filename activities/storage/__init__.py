"""Object stores and the database."""
