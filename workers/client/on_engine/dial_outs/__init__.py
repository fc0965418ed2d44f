"""The worker in a cluster that dials out, as an engine answers it."""
