"""Remembers: deterministic and thin. Each file is one durable process; what it decides is asked of domain."""
