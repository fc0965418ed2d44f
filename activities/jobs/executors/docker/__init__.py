"""Jobs in containers of a Docker daemon."""
