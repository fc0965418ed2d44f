"""The answer of the one decision, with the rule that decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STEP_UP = "abac/second-factor"
"""The one rule that whoever asks can satisfy at once, so it is named only when it alone is in the way."""


class Layer(StrEnum):
    """The model of access control that a rule belongs to."""

    OWNER = "owner"
    """In the home itself, its owner may do everything."""
    MAC = "mac"
    RBAC = "rbac"
    ABAC = "abac"
    PBAC = "pbac"
    DAC = "dac"
    DEFAULT = "default"
    """Nothing permits it."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a principal may do something with a resource, now."""

    allowed: bool
    action: str
    principal: str
    """Id."""
    resource: str
    """Id."""
    layer: Layer
    rule: str
    """Of the deciding policy or grant: `mac/no-read-up`, `grant/7`, `default/deny`."""
    reason: str = ""
    """A sentence for people: why."""
    missing: str = ""
    """A sentence for people: what would change it; empty for what is allowed, or where nothing would."""
    policy_digest: str = ""
    """Of the policies and grants that were asked."""
    at: float = 0
    """Seconds since the epoch."""
