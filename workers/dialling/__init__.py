"""The worker in a cluster that dials out: it has the address of a server, a token, and what its pod may read."""
