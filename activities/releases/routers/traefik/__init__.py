"""Traefik, as a process of this machine."""
