"""What scan and gate jobs do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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


DEFAULT_CLASSES = ("own", "test", "generated")
"""Classes of files in which weak code closes a gate: not in copies of somebody else's code, nor in minified code."""
ALL_CLASSES = (*DEFAULT_CLASSES, "vendored", "minified")


@dataclass(frozen=True, kw_only=True)
class Always:
    """Findings that no baseline excuses, besides secrets: each that one of these names."""

    kinds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    """Of the finding's file."""
    severities: tuple[str, ...] = ()

    @property
    def named(self) -> frozenset[str]:
        """All names, for people."""
        return frozenset({*self.kinds, *self.rules, *self.classes, *self.severities})

    def joined(self, other: Always) -> Always:
        """What either of them names."""
        return Always(
            kinds=_union(self.kinds, other.kinds),
            rules=_union(self.rules, other.rules),
            classes=_union(self.classes, other.classes),
            severities=_union(self.severities, other.severities),
        )


def _union(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*one, *two}))


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
    """Findings of the baseline that the report was compared with are allowed, unless they got worse: where whoever asks
    has named it, as in a scan without a server. No gate of a run takes it so, see `in_run`."""
    accepted: bool = False
    """Findings of the baseline that a person has signed are allowed, once there is one (`new-only: auto`)."""
    needs_baseline: bool = False
    """Closed without a signed baseline (`new-only: required`)."""
    always: Always = Always()
    """What is never allowed because a baseline has it."""
    classes: tuple[str, ...] = DEFAULT_CLASSES
    """Classes of files in which weak code counts; other kinds of findings count in every class."""
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

    @property
    def in_run(self) -> GateSpec:
        """As a gate of a run takes it: what merely passed once makes nothing old, only what a person has signed does.

        Plans of older versions have `new_only` for `new-only: true`.
        """
        return replace(self, new_only=False, accepted=True, needs_baseline=True) if self.new_only else self


@dataclass(frozen=True, kw_only=True)
class GatesBefore:
    """What a gate and its scans were set to in the commit before the push, where that differs."""

    specs: tuple[GateSpec, ...] = ()
    exclude: tuple[str, ...] = ()
    """The patterns that scans left out there."""
    paths: tuple[str, ...] = ()
    """The paths that scans were limited to there."""
    tools: tuple[str, ...] = ()
    """Scanners that ran there, and do not now."""
    commit: str = ""
