"""What starts pipelines."""
