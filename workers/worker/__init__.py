"""The worker process and the composition root."""
