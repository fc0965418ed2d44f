"""One server over HTTP: what is sent is sent again under the same key; what comes back is a stranger's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import msgspec

from domain.core.errors import UnreachableError
from workers.client.ports.keys import new_key
from workers.remote.problems import error_of, not_understood

T = TypeVar("T")
BASE = "/api/v1"
MOST_BYTES = 64 * 2**20
"""Of an answer, decompressed."""
MOST_LINE = 8 * 2**20
"""Bytes of a line of a stream."""
TRIES = 4
FIRST_WAIT_S = 0.25
"""Before the second try; it doubles, with chance, so that clients do not come back together."""
LONGEST_WAIT_S = 10.0
TIMEOUT = httpx2.Timeout(30, connect=10)
BUSY = frozenset({429, 502, 503, 504})
"""Statuses that say: later."""
COUNTS_ONCE = ("/login", "/logout", "/me/")
"""What a server keeps no answer of: a link, a question and a signature are used up by the first try that arrives."""
NOT_DONE = frozenset({429, 503})
"""Statuses that say that nothing was begun."""
Query = Mapping[str, str | int | float | bool | tuple[str, ...]]


@dataclass(frozen=True)
class Answer:
    """A whole answer, with its headers in lower case."""

    body: bytes
    headers: Mapping[str, str]

    def read(self, kind: type[T]) -> T:
        """Its JSON as a value.

        Raises:
            SluicewayError: SLW478, it is none.
        """
        try:
            return msgspec.json.decode(self.body or b"null", type=kind)  # 204 says nothing
        except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as wrong:
            raise not_understood(str(wrong)) from wrong


class Connection:
    """To one server, as one person or machine."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        """`http`: with the server's address, and the credentials in its headers."""
        self._http = http

    @property
    def origin(self) -> str:
        """Of the server: `https://ci.example.org`."""
        return str(self._http.base_url).rstrip("/")

    @property
    def credentials(self) -> dict[str, str]:
        """The header that says who asks; empty: nobody is logged in."""
        told = self._http.headers.get("Authorization", "")
        return {"Authorization": told} if told else {}

    async def get(self, path: str, kind: type[T], query: Query | None = None) -> T:
        """Reads a value."""
        return (await self.ask("GET", path, query=query)).read(kind)

    async def post(
        self, path: str, kind: type[T], body: object, *, key: str = "", headers: Mapping[str, str] | None = None
    ) -> T:
        """Asks for a change, once: `key` makes a retry the same call; empty: a new one."""
        return (await self.ask("POST", path, body=body, key=key or new_key(), headers=headers)).read(kind)

    async def delete(self, path: str) -> None:
        """Removes something; it may be gone already."""
        await self.ask("DELETE", path, key=new_key())

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends a request until it is answered, at most `TRIES` times; what counts once, until it may have arrived.

        Raises:
            SluicewayError: what the server says; SLW478, what no Sluiceway server says.
            UnreachableError: SLW470, it does not answer.
        """
        once = method == "POST" and path.startswith(COUNTS_ONCE)
        busy = NOT_DONE if once else BUSY
        sent = {**(headers or {}), **({"Idempotency-Key": key} if key else {})}
        content = msgspec.json.encode(body, enc_hook=_plain) if body is not None else None
        if content is not None:
            sent["Content-Type"] = "application/json"
        why = ""
        for attempt in range(TRIES):
            try:
                async with self._http.stream(
                    method, BASE + path, params=_params(query), content=content, headers=sent
                ) as answer:
                    if answer.status_code not in busy or attempt == TRIES - 1:
                        return await _whole(answer)
                    why = f"it answers {answer.status_code}"
                    wait = _later(answer.headers.get("Retry-After", ""), attempt)
            except httpx2.TransportError as broken:
                why = f"{type(broken).__name__}: {broken}"[:300]
                wait = _later("", attempt)
                if once and not isinstance(broken, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
                    why = f"{why}; it may have been done all the same, so it is not sent again"
                    break
            if attempt < TRIES - 1:
                await asyncio.sleep(wait)
        raise UnreachableError("SLW470", "the server does not answer", where=str(self._http.base_url), why=why)

    async def lines(self, path: str, query: Query | None = None) -> AsyncIterator[bytes]:
        """Lines of an answer that goes on, without those that are empty.

        Raises:
            SluicewayError: what the server says; SLW478, a line without an end.
            UnreachableError: SLW470, the connection ended.
        """
        rest = bytearray()
        try:
            async with self._http.stream("GET", BASE + path, params=_params(query)) as answer:
                if answer.status_code != 200:
                    await _whole(answer)
                async for part in answer.aiter_bytes():
                    *whole, last = (bytes(rest) + part).split(b"\n")
                    rest[:] = last
                    if len(rest) > MOST_LINE:
                        raise not_understood(f"a line is longer than {MOST_LINE} bytes")
                    for line in filter(None, whole):
                        yield line
        except httpx2.TransportError as broken:
            raise UnreachableError("SLW470", "the server does not answer", why=str(broken)[:300]) from broken


def _later(retry_after: str, attempt: int) -> float:
    """Seconds until the next try: what the server says, in bounds, else a growing chance."""
    if retry_after.isdecimal():
        return min(float(retry_after), LONGEST_WAIT_S)
    return float(min(FIRST_WAIT_S * 2**attempt, LONGEST_WAIT_S)) * random.uniform(0.5, 1)  # noqa: S311 - not a secret


def _params(query: Query | None) -> dict[str, str | tuple[str, ...]]:
    """What is empty is not said; a list is its name once for each value."""
    texts = {True: "true", False: "false"}
    return {
        name: texts[value] if isinstance(value, bool) else value if isinstance(value, tuple) else str(value)
        for name, value in (query or {}).items()
        if value not in ("", ())
    }


async def _whole(answer: httpx2.Response) -> Answer:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise not_understood(f"it is longer than {MOST_BYTES} bytes")
    if answer.status_code >= 300:
        raise error_of(answer.status_code, bytes(body))
    return Answer(bytes(body), {name.lower(): value for name, value in answer.headers.items()})


def _plain(value: Any) -> Any:
    """Mappings that are no dict, for the encoder."""
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(type(value))
