"""A WebSocket to the server that was named, and to no other one."""

from __future__ import annotations

from websockets.asyncio.client import connect


class Straight(connect):
    """Follows no redirect: who answers with one does not choose where a session is typed."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """The answer is the error that it is."""
        return exc
