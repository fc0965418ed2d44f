"""The activity that notifies people."""

from __future__ import annotations

from temporalio import activity

from activities.notifications import port
from activities.notifications.port import Notice, Notifier


class NotifyActivities(port.NotifyActivities):
    """Calls all notifiers in turn."""

    def __init__(self, notifiers: tuple[Notifier, ...]) -> None:
        self._notifiers = notifiers

    @activity.defn(name="notify")
    async def notify(self, notice: Notice) -> None:
        for notifier in self._notifiers:
            await notifier.notify(notice)
