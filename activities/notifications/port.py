"""Telling people: the port, and the activity for reminders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity


@dataclass(frozen=True)
class Notice:
    """What a person is told."""

    kind: str
    """approval-asked, approval-reminder, run-ended."""
    subject: str
    """Workflow id."""
    text: str


class Notifier(Protocol):
    """Must not fail the run: what cannot be delivered is logged."""

    async def notify(self, notice: Notice) -> None:
        """Must return, also when nobody could be reached."""
        ...


class NotifyActivities(Protocol):
    """As workflows call them; their implementation is in activities.py."""

    @activity.defn(name="notify")
    async def notify(self, notice: Notice) -> None:
        """Tells every channel that the settings switch on."""
        ...
