"""One list and its watch: all objects of a path, and then each change.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Generic, Protocol, TypeVar

import msgspec

from activities.inventory.connection import (
    BusyError,
    Connection,
    LateError,
    Query,
    RefusedKindError,
    TooLargeError,
    words,
)
from activities.inventory.decoding import MOST_PARTS_OF_PAGE, Decoder, Page, Status, Told, Unfit, parts_of
from activities.kubernetes.port import GoneError
from domain.core.errors import SluicewayError
from domain.inventory.shapes import Meta

T = TypeVar("T")
Seen = TypeVar("Seen", contravariant=True)
PAGE, SLOW_PAGE = 500, 50
"""Objects of a part of a list; fewer where they are too large, and where they came too slowly."""
WATCH_S = (240, 480)
"""A watch ends after a time between these, so that not all end at once."""
LATE_S = 30.0
"""A watch that has not ended by itself so long after its time is dead. One that says nothing is not: whether the server
is there, it is asked beside it.
"""
REFUSED_S, AGAIN_S, LONGEST_S = 180.0, 1.0, 30.0
"""Before a kind that is refused is asked for again; after a failure, then twice as long each time, up to the last."""
MOST_LISTED = 1_000_000
"""Objects of a list, however many of them are kept: a server may go on for ever."""
TURN_S = 0.01
"""After so long whoever else has work in the loop gets their turn."""
_told = msgspec.json.Decoder(Told)
_status = msgspec.json.Decoder(Status)
_chance = SystemRandom()


def _pause_s(failures: int) -> float:
    return min(AGAIN_S * 2.0 ** min(failures - 1, 10), LONGEST_S)


def jittered(seconds: float) -> float:
    """Between half of it and all of it."""
    return seconds * _chance.uniform(0.5, 1.0)


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """Each of them; one cluster's objects hold up no other cluster."""
    until = time.monotonic() + TURN_S
    for one in items:
        yield one
        if time.monotonic() > until:
            await asyncio.sleep(0)
            until = time.monotonic() + TURN_S


class Sink(Protocol[Seen]):
    """Who is told of the objects."""

    def begin(self) -> None:
        """A list begins: what it will not have is gone."""
        ...

    def here(self, one: Seen | Unfit) -> None:
        """An object as it is now."""
        ...

    def gone(self, one: Seen | Unfit) -> None:
        """An object that was deleted."""
        ...

    async def room(self) -> None:
        """Returns when more may come."""
        ...

    async def listed(self) -> None:
        """The list is at its end. What goes on is told by `here` and `gone`."""
        ...

    async def refused(self, why: str) -> None:
        """It may not be read; nothing of it is known any more."""
        ...

    def failed(self, why: str) -> None:
        """It could not be read for now; empty: it can again."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether so many are known that no more are listed."""
        ...


@dataclass
class Following(Generic[T]):
    """Of one path; goes on from the same version on another connection."""

    path: str
    decoder: Decoder[T]
    sink: Sink[T]
    version_of: Callable[[T], Meta]
    selector: str = ""
    version: str = ""
    """Heard up to here; empty: it has to be listed."""
    limit: int = PAGE
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    turn: Callable[[], AbstractAsyncContextManager[object]] = nullcontext
    """Of reading a page, which is as large as it is: few are in memory at once."""
    _failures: int = field(default=0, init=False)
    _expired: int = field(default=0, init=False)

    async def follow(self, api: Connection) -> None:
        """Until it is cancelled.

        Raises:
            AwayError: the server is away.
        """
        while True:
            try:
                if not self.version:
                    await self._list(api)
                await self._watch(api)
            except GoneError:
                self.version = ""
                self._expired += 1
                await self.sleep(jittered(_pause_s(self._expired) / 10))  # what expires all the time must not spin
            except RefusedKindError as refused:
                self.version = ""
                await self.sink.refused(refused.why)
                await self.sleep(jittered(REFUSED_S))
            except TooLargeError as large:
                await self._smaller(large)
            except BusyError as busy:
                self._failures += 1
                self.limit = min(self.limit, SLOW_PAGE) if isinstance(busy, LateError) else self.limit
                self.sink.failed(busy.why)
                await self.sleep(jittered(_pause_s(self._failures)))

    async def _smaller(self, large: SluicewayError) -> None:
        if self.limit > 1:
            self.limit = max(self.limit // 8, 1)
            return
        self.version = ""
        self.sink.failed(large.what)
        await self.sleep(jittered(REFUSED_S))

    async def _list(self, api: Connection) -> None:
        self.sink.begin()
        page: Page[T] = Page((), "", "")
        version, seen, pages = "", 0, 0
        while not version or page.go_on:
            query = {"limit": str(self.limit), "continue": page.go_on, "fieldSelector": self.selector}
            async with self.turn():
                page = await self.page(api, {key: each for key, each in query.items() if each})
                version = page.version or "0"
                async for one in in_turns(page.items):
                    self.sink.here(one)
                    seen += 1
            pages += 1
            if max(seen, pages * self.limit) > MOST_LISTED:
                raise BusyError("SLW943", "the API server answers a list without an end", why=f"{seen:,} objects")
            if self.sink.is_full:
                break
            await self.sink.room()
        await self.sink.listed()
        self.version = version

    async def page(self, api: Connection, query: Query) -> Page[T]:
        """A part of a list.

        Raises:
            BusyError: what was answered is no list.
            TooLargeError: it takes more memory than anybody has for it.
        """
        body = await api.get(self.path, query)
        if (parts := parts_of(body)) > MOST_PARTS_OF_PAGE:
            raise TooLargeError("SLW943", f"the API server answers {parts:,} values to GET {self.path}")
        try:
            return self.decoder.page(body)
        except SluicewayError as strange:
            raise BusyError(strange.code, strange.what, why=strange.why) from strange

    async def _watch(self, api: Connection) -> None:
        seconds = _chance.randint(*WATCH_S)
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self.version,
            "timeoutSeconds": str(seconds),
            "fieldSelector": self.selector,
        }
        asked = {key: each for key, each in query.items() if each}
        async for line in api.lines(self.path, asked, seconds + LATE_S, self._opened):
            self._tell(line)
            self._expired = 0
            await self.sink.room()

    def _opened(self) -> None:
        self._failures = 0
        self.sink.failed("")

    def _tell(self, line: bytes) -> None:
        try:
            told = _told.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.version = ""
            raise BusyError(
                "SLW943", "the API server told no event", why=line[:200].decode("utf-8", "replace")
            ) from None
        if told.type == "ERROR":
            self._error(bytes(told.object))
        one = self.decoder.one(told.object)
        version = one.version if isinstance(one, Unfit) else self.version_of(one).resource_version
        if told.type in ("ADDED", "MODIFIED"):
            self.sink.here(one)
        elif told.type == "DELETED":
            self.sink.gone(one)
        self.version = version or self.version

    def _error(self, body: bytes) -> None:
        try:
            said = _status.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = Status()
        if said.code == 410 or said.reason in ("Expired", "Gone"):
            raise GoneError("SLW943", "the version is too old", why=said.message[:300], status=410)
        self.version = ""
        raise BusyError("SLW943", "the watch ended", why=words(said.code, body))
