"""What a rescan is started with, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.releases.port import Drift
from activities.scans.port import Rescanned


@dataclass(frozen=True)
class RescanInput:
    """Everything that is live; fields may be added."""


@dataclass(frozen=True)
class RescanResult:
    """What a rescan of everything that is live found."""

    looked: tuple[Rescanned, ...] = ()
    did: tuple[str, ...] = field(default_factory=tuple)
    """What followed from alarms, in words."""
    drifts: tuple[Drift, ...] = ()
