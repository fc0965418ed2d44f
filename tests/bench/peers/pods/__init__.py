"""Argo Workflows and Tekton beside our pods: one API server with simulated nodes, as many pods (docs/measured.md)."""
