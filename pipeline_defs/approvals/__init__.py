"""Approvals by people."""
