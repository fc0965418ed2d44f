"""What is live, written into a repository."""
