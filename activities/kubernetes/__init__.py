"""The Kubernetes API client."""
