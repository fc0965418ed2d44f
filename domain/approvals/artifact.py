"""The artifact that holds the decisions of a job."""

from __future__ import annotations

DECISIONS = "decisions"
"""Of a held gate: the artifact with what people decided."""
