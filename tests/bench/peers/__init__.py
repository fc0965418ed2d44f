"""Argo Rollouts and Flagger beside our releases: the same cluster, gateway, service, load and faults (docs/measured.md)."""
