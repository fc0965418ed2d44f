"""The notifiers that the settings enable."""

from __future__ import annotations

from pathlib import Path

from activities.notifications.notifiers.log import LogNotifier
from activities.notifications.notifiers.webhook import WebhookNotifier
from activities.notifications.port import Notifier


def notifiers(file: Path, webhook: str = "") -> tuple[Notifier, ...]:
    """Always the log; the webhook, if an address is set."""
    chosen: list[Notifier] = [LogNotifier(file)]
    if webhook:
        chosen.append(WebhookNotifier(webhook))
    return tuple(chosen)
