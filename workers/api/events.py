"""Events as they happen (SSE): which runs, releases and approvals have changed, for pages that are live."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from domain.access.actions import Action
from domain.access.principal import Caller, PrincipalKind
from domain.access.resource import ResourceKind, cluster_resource
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
"""Topic to what whoever reads its keys must be allowed to read: all of it, or what a key is of."""
KEYED = {"fleet": cluster_resource}
"""Topics whose keys say what a right is asked on: of these a viewer hears what they may read, and of nothing else."""
ASKED_EACH_S = 60.0
"""A right may end by its time, which is no change that anybody tells."""


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
    may: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Of the others: topic and key to whether the caller may read it."""
    clock: Callable[[], float] = time.monotonic
    asked_at: float = 0

    async def events(self) -> AsyncIterator[bytes]:
        """Until the client leaves, or may not stay: rights and the login are asked for again all the time."""
        principal = self.caller.principal.id
        try:
            await self._ask_again()
            yield b"retry: 2000\n\n"
            while not STREAMS.ending and await self._may_stay():
                found = await self.parts.changes.after(self.seq, AT_ONCE)
                if any(one.topic in (ACCESS, ALL) for one in found) or self.clock() - self.asked_at > ASKED_EACH_S:
                    await self._ask_again()
                await asyncio.to_thread(self._ask_of, found)
                yield self._encoded(found)
        finally:
            STREAMS.close(principal)

    async def _may_stay(self) -> bool:
        now = await self.parts.authenticator.caller(self.request)
        same = now.principal.id == self.caller.principal.id
        if same and now != self.caller:
            self.caller = now
            await self._ask_again()
        return same

    async def _ask_again(self) -> None:
        self.asked_at = self.clock()
        self.may.clear()
        self.whole = await asyncio.to_thread(self._whole)

    def _whole(self) -> frozenset[str]:
        if self.parts.guards is None:
            return frozenset()
        guard = self.parts.guards(self.caller)
        return frozenset(one for one in self.topics if guard.readable(*READS[one]).everything)

    def _ask_of(self, found: Sequence[Change]) -> None:
        """What has changed, and was not asked about since rights were read."""
        keyed = {(one.topic, one.key) for one in found if one.topic in self.topics - self.whole and one.topic in KEYED}
        asked = sorted(keyed - self.may.keys())
        if asked and self.parts.guards is not None:
            verdicts = self.parts.guards(self.caller).verdicts(
                [(READS[topic][0], KEYED[topic](key)) for topic, key in asked]
            )
            self.may |= {one: verdict.allowed for one, verdict in zip(asked, verdicts, strict=True)}

    def _hears(self, one: Change) -> bool:
        if one.topic not in self.topics:
            return one.topic == ALL
        return one.topic in self.whole or one.topic not in KEYED or self.may.get((one.topic, one.key), False)

    def _encoded(self, found: Sequence[Change]) -> bytes:
        """One text for all of them; a comment where nothing is new."""
        if not found:
            return b": nothing new\n\n"
        self.seq = found[-1].seq
        told: dict[tuple[str, str], int] = {}
        for one in filter(self._hears, found):
            told[one.topic, one.key if one.topic in self.whole or one.topic in KEYED else ""] = one.seq
        if not told:  # the client remembers how far it has read
            return f"id: {self.seq}\n: others\n\n".encode()
        return b"".join(_event(seq, topic, key) for (topic, key), seq in sorted(told.items(), key=lambda one: one[1]))


def _event(seq: int, topic: str, key: str) -> bytes:
    data = json.dumps({"topic": topic, "key": key})
    return f"id: {seq}\nevent: change\ndata: {data}\n\n".encode()
