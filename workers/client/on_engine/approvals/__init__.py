"""Approvals on the engine: what waits, who may decide it, and what they look at before they sign."""
