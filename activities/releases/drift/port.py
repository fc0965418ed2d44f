"""Messages and signature of the activity that looks for drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity


@dataclass(frozen=True)
class Drift:
    """Differences between a live version and its release, one line each."""

    key: str
    """`ENVIRONMENT/SERVICE/INSTANCE`."""
    lines: tuple[str, ...]
    told: bool = False
    """Reported already."""
    over: str = ""
    """Why what was reported does not hold any more; there are no lines then."""

    def words(self) -> str:
        """One sentence for a notification."""
        if self.over:
            return f"{self.key} differed from what was released: {self.over}"
        return f"{self.key} differs from what was released: {'; '.join(self.lines)}"


class DriftActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="drift")
    async def look(self, environment: str) -> list[Drift]:
        """Every live service of an environment that has drift, or had some."""
        ...
