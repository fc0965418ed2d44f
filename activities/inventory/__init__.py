"""What is in the clusters: watched, and kept as rows."""
