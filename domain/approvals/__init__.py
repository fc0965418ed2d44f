"""Requests, decisions, quorum."""
