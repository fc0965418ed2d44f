"""What scan and gate jobs do."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.approvals.spec import ApprovalSpec


@dataclass(frozen=True)
class ScanSpec:
    """What a `scan` job scans, and with which tools."""

    tools: tuple[str, ...] = ("bandit", "semgrep", "trivy")
    path: str = "."
    exclude: tuple[str, ...] = ()
    sarif: tuple[str, ...] = ()
    """Patterns of other tools' reports, in the checkout and the artifacts that the job uses."""
    image: str = ""
    """An image to scan instead of the source."""


@dataclass(frozen=True, kw_only=True)
class GateSpec:
    """Which findings close the gate of a `gate` job."""

    scans: tuple[str, ...] = ()
    """Jobs whose findings count; empty: every scan that it needs, directly or indirectly."""
    fail_on: str = "high"
    """The lowest severity that blocks; never: none."""
    kinds: tuple[str, ...] = ()
    """Kinds of findings that count; empty: all."""
    allow: dict[str, int] = field(default_factory=dict)
    """Severity to number of findings that are still allowed."""
    unknown_as: str = "high"
    """The severity that an unrated finding counts as."""
    new_only: bool = False
    """Findings of the baseline are allowed, unless they got worse."""
    sla_s: dict[str, float] = field(default_factory=dict)
    """Severity to how long a finding may exist since it was first seen; baseline findings included."""
    block: str = ""
    """CEL over `finding`; replaces `fail_on`: findings for which it is true block."""
    max_db_age_s: float = 0
    """Maximum age of the vulnerability database; 0: any."""
    tool_suppressions: str = "count"
    """What becomes of imported findings that their own tool suppresses: count or accept."""
    skipped: str = "allow"
    """Whether a missing scanner closes the gate: allow or block."""
    hold: ApprovalSpec | None = None
    """Who may open a closed gate, and how long it waits for them or for a VEX statement; None: it fails at once."""


@dataclass(frozen=True, kw_only=True)
class GatesBefore:
    """What a gate and its scans were set to in the commit before the push, where that differs."""

    specs: tuple[GateSpec, ...] = ()
    exclude: tuple[str, ...] = ()
    """The patterns that scans left out there."""
    paths: tuple[str, ...] = ()
    """The paths that scans were limited to there."""
    commit: str = ""
