"""Posts notifications as JSON to a webhook."""

from __future__ import annotations

import logging

import httpx2

from activities.notifications.port import Notice

_log = logging.getLogger("sluiceway.notice")


class WebhookNotifier:
    """Posts once: an undelivered notification is logged as a warning and not retried."""

    def __init__(self, url: str, timeout_s: float = 5) -> None:
        self._url, self._timeout_s = url, timeout_s

    async def notify(self, notice: Notice) -> None:
        try:
            async with httpx2.AsyncClient(timeout=self._timeout_s) as client:
                answer = await client.post(self._url, json=notice.__dict__)
                answer.raise_for_status()
        except httpx2.HTTPError as broken:
            _log.warning("notice %s for %s was not delivered: %s", notice.kind, notice.subject, broken)
