"""What a scan job and a gate job are asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.approvals.spec import ApprovalSpec


@dataclass(frozen=True)
class ScanSpec:
    """What a `scan` job looks at, and with which tools."""

    tools: tuple[str, ...] = ("bandit", "semgrep", "trivy")
    path: str = "."
    exclude: tuple[str, ...] = ()
    sarif: tuple[str, ...] = ()
    """Patterns of reports of other tools, among the checkout and the artifacts that the job uses."""
    image: str = ""
    """An image that is scanned instead of the source."""


@dataclass(frozen=True)
class GateSpec:
    """Which findings close the gate of a `gate` job."""

    scans: tuple[str, ...] = ()
    """Jobs whose findings count; empty: every scan among the jobs it needs, directly or not."""
    fail_on: str = "high"
    """The lowest severity that blocks; never: none."""
    kinds: tuple[str, ...] = ()
    """Kinds of findings that count; empty: all."""
    allow: dict[str, int] = field(default_factory=dict)
    """Severity to the number of findings still let through."""
    unknown_as: str = "high"
    """The severity that a finding without one counts as."""
    new_only: bool = False
    """Findings that the baseline has too are let through, unless they got worse."""
    sla_s: dict[str, float] = field(default_factory=dict)
    """Severity to how long a finding may stay, since it was first seen; known ones too."""
    block: str = ""
    """CEL over `finding`, which then decides instead of `fail_on`: what it is true of blocks."""
    max_db_age_s: float = 0
    """Of the vulnerability database; 0: any."""
    skipped: str = "allow"
    """Whether a scanner that is not installed closes the gate: allow or block."""
    hold: ApprovalSpec | None = None
    """Who may open it although it is closed, and for how long it waits for them, or for a statement; None: it fails."""
