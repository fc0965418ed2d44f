"""Jobs in pods of a cluster."""
