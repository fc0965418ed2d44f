"""Answers of an API server, read with bounds: one that goes on for ever, or byte by byte, is none."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from urllib3 import HTTPResponse

from activities.kubernetes.sdk import Response
from domain.core.errors import SluicewayError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient
    from urllib3 import BaseHTTPResponse, PoolManager

MOST_BYTES, MOST_REFUSAL = 256_000_000, 1_000_000
"""Of an answer, and of the words of a refusal; unpacked."""
WHOLE_S = 300.0
"""What an answer may take altogether; the time-out of a connection begins again with each byte."""
STEP = 1 << 16


def text_of(answer: Response, most: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic) -> str:
    """All of it: a connection whose answer nobody reads is not used again, and the next request needs a handshake.

    Raises:
        SluicewayError: SLW943, it has more than `most` bytes, or takes too long.
    """
    if not isinstance(answer, HTTPResponse):
        return answer.data.decode("utf-8", "replace")
    found, until = bytearray(), clock() + WHOLE_S
    for part in answer.stream(STEP, decode_content=True):
        found += part
        if len(found) > most or clock() > until:
            answer.close()
            why = f"more than {most:,} bytes" if len(found) > most else f"it is not whole after {WHOLE_S:g} s"
            raise SluicewayError("SLW943", "the API server's answer has no end", why=why, transient=True)
    return found.decode("utf-8", "replace")


class _Bounded:
    """A pool of connections whose refusals are read already: the official client reads them whole."""

    def __init__(self, pool: PoolManager) -> None:
        self._pool = pool

    def request(self, method: str, url: str, **rest: object) -> BaseHTTPResponse:
        answer = self._pool.request(method, url, **rest)  # type: ignore[arg-type]
        if answer.status < 300 or not isinstance(answer, HTTPResponse):
            return answer
        said = text_of(answer, MOST_REFUSAL)
        headers = {name: text for name, text in answer.headers.items() if name.lower() != "content-encoding"}
        return HTTPResponse(io.BytesIO(said.encode()), headers, answer.status, reason=answer.reason)

    def clear(self) -> None:
        self._pool.clear()


def bound(api: ApiClient) -> None:
    """From now on no refusal fills the memory."""
    api.rest_client.pool_manager = _Bounded(api.rest_client.pool_manager)  # type: ignore[assignment]
