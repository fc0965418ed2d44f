"""The port of notifiers, and the signature of the notification activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity


@dataclass(frozen=True)
class Notice:
    """A notification."""

    kind: str
    """approval-asked, approval-reminder, release-held, run-ended, message-refused, audit-damaged, worker-failing,
    version-unended, drift, drift-over.
    """
    subject: str
    """Workflow id."""
    text: str


class Notifier(Protocol):
    """Must not fail the run: undelivered notifications are logged."""

    async def notify(self, notice: Notice) -> None:
        """Must return, also when nobody could be reached."""
        ...


class NotifyActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="notify")
    async def notify(self, notice: Notice) -> None:
        """Notifies through every enabled channel."""
        ...
