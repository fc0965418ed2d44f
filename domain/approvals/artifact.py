"""The artifact that holds the decisions of a job."""

from __future__ import annotations

DECISIONS = "decisions"
"""The artifact of a held gate that lists people's decisions."""
