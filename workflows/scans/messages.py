"""Input and result of a rescan."""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.releases.drift.port import Drift
from activities.scans.port import Rescanned


@dataclass(frozen=True)
class RescanInput:
    """Input of a rescan; fields may be added."""

    environment: str = ""
    """Only the drift of this one is looked for; empty: everything, in all of them."""


@dataclass(frozen=True)
class RescanResult:
    """The result of a rescan."""

    looked: tuple[Rescanned, ...] = ()
    did: tuple[str, ...] = field(default_factory=tuple)
    """Consequences of alarms, as text."""
    drifts: tuple[Drift, ...] = ()
