"""Quotas, limits and network exceptions that people ask for: `Requests` on the engine."""
