"""Events as they happen (SSE): which runs, releases and approvals have changed, for pages that are live."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from domain.access.actions import Action
from domain.access.principal import Caller, PrincipalKind
from domain.access.resource import ResourceKind
from domain.core.errors import RefusedError
from workers.api.parts import Change, Parts

MOST = 400
"""Streams of one server process."""
MOST_EACH = 24
"""Of one principal: a tab has one."""
AT_ONCE = 500
ACCESS = "access"
ALL = "all"
READS = {
    "runs": (Action.RUNS_READ, ResourceKind.RUN),
    "releases": (Action.RELEASES_READ, ResourceKind.RELEASE),
    "approvals": (Action.APPROVALS_READ, ResourceKind.RUN),
    "fleet": (Action.CLUSTERS_READ, ResourceKind.CLUSTER),
    "queues": (Action.QUEUES_READ, ResourceKind.ENGINE),
    ACCESS: (Action.ACCESS_READ, ResourceKind.ENGINE),
}
"""Topic to what whoever reads its keys must be allowed to read, all of it."""


@dataclass
class Streams:
    """How many there are."""

    most_each: int = MOST_EACH
    most: int = MOST
    by: Counter[str] = field(default_factory=Counter)
    ending: bool = False
    """The process is told to stop: streams end, and their clients go on elsewhere."""

    def open(self, principal: str) -> None:
        """Counts one more.

        Raises:
            RefusedError: SLW455, too many.
        """
        if self.by[principal] >= self.most_each or self.by.total() >= self.most:
            raise RefusedError("SLW455", "too many streams are open")
        self.by[principal] += 1

    def close(self, principal: str) -> None:
        """One less."""
        self.by[principal] -= 1
        if self.by[principal] <= 0:
            del self.by[principal]


STREAMS = Streams()
"""Of this process."""


@get("/api/v1/events/stream", include_in_schema=False)
async def stream(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    parts: NamedDependency[Parts],
    topic: Annotated[list[str], QueryParameter(max_items=len(READS))],
    last_event_id: Annotated[str, HeaderParameter(name="Last-Event-ID", max_length=20)] = "",
    after: Annotated[int | None, QueryParameter(ge=0, le=2**53)] = None,
) -> Stream:
    """Changes of these topics from now on, or after the one that the client has seen last.

    `after`: what a page was made after; a browser that connects again says the header, which is newer.
    """
    if caller.principal.kind is PrincipalKind.ANONYMOUS:
        raise RefusedError("SLW476", "this needs a login")
    topics = frozenset(topic) & READS.keys()
    known = last_event_id.isascii() and last_event_id.isdecimal()
    seq = int(last_event_id) if known else after
    seq = await parts.changes.last() if seq is None else seq
    STREAMS.open(caller.principal.id)
    viewer = Viewer(request, caller, parts, topics, seq)
    return Stream(viewer.events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@dataclass
class Viewer:
    """One open stream."""

    request: Request[Any, Any, Any]
    caller: Caller
    parts: Parts
    topics: frozenset[str]
    seq: int
    whole: frozenset[str] = frozenset()
    """Topics of which the caller may read everything, and so the names of what changes."""

    async def events(self) -> AsyncIterator[bytes]:
        """Until the client leaves, or may not stay: rights and the login are asked for again all the time."""
        principal = self.caller.principal.id
        try:
            self.whole = await asyncio.to_thread(self._whole)
            yield b"retry: 2000\n\n"
            while not STREAMS.ending and await self._may_stay():
                found = await self.parts.changes.after(self.seq, AT_ONCE)
                if any(one.topic in (ACCESS, ALL) for one in found):
                    self.whole = await asyncio.to_thread(self._whole)
                yield self._encoded(found)
        finally:
            STREAMS.close(principal)

    async def _may_stay(self) -> bool:
        now = await self.parts.authenticator.caller(self.request)
        same = now.principal.id == self.caller.principal.id
        if same and now != self.caller:
            self.caller = now
            self.whole = await asyncio.to_thread(self._whole)
        return same

    def _whole(self) -> frozenset[str]:
        if self.parts.guards is None:
            return frozenset()
        guard = self.parts.guards(self.caller)
        return frozenset(one for one in self.topics if guard.readable(*READS[one]).everything)

    def _encoded(self, found: Sequence[Change]) -> bytes:
        """One text for all of them; a comment where nothing is new."""
        if not found:
            return b": nothing new\n\n"
        self.seq = found[-1].seq
        shown = [one for one in found if one.topic in self.topics or one.topic == ALL]
        told: dict[tuple[str, str], int] = {}
        for one in shown:
            told[one.topic, one.key if one.topic in self.whole else ""] = one.seq
        if not told:  # the client remembers how far it has read
            return f"id: {self.seq}\n: others\n\n".encode()
        return b"".join(_event(seq, topic, key) for (topic, key), seq in sorted(told.items(), key=lambda one: one[1]))


def _event(seq: int, topic: str, key: str) -> bytes:
    data = json.dumps({"topic": topic, "key": key})
    return f"id: {seq}\nevent: change\ndata: {data}\n\n".encode()
