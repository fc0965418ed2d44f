"""The inventory's writer for a worker that reaches no database: it tells a server what to write."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from activities.inventory.port import ClusterLife
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.inventory.dialled import May
from domain.inventory.model import EventRow, ObjectRow, WatchRow
from domain.inventory.rows import unreadable
from domain.inventory.told import MOST_ROWS, Ended, Told, believed
from workers.client.ports.dial_outs import DialOuts
from workers.dialling.away import is_away

T = TypeVar("T")
MOST_BYTES = 600_000
"""Of the rows of one request: a server reads at most a megabyte."""
_JSON = msgspec.json.Encoder(enc_hook=dict)


class DialledWriter:
    """Implements `InventoryWriter`, of one cluster. Its calls block: they are for threads beside the loop."""

    def __init__(
        self,
        cluster: str,
        server: DialOuts,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], float] = time.time,
        *,
        may: May = May.WATCH,
    ) -> None:
        """`loop`: in which the server is asked. `may`: what the worker is let do, which it tells."""
        self._may = may
        self.cluster, self._server, self._loop, self._clock = cluster, server, loop, clock

    def names(self, cluster: str, kind: str) -> set[tuple[str, str]]:
        """See `InventoryWriter`."""
        found, last = set[tuple[str, str]](), ("", "")
        while True:
            part = self._ask(self._server.names(cluster, kind, *last))
            found.update(part.names)
            if part.whole or not part.names or part.names[-1] <= last:
                return found
            last = part.names[-1]

    def apply(self, cluster: str, changed: Sequence[ObjectRow], gone: Iterable[tuple[str, str, str]] = ()) -> None:
        """See `InventoryWriter`; in as many transactions as it takes requests. What the server would refuse is told as
        an object that cannot be read, so that one of them holds up none of the others.
        """
        changed = list(changed)
        there = {row.key[1:] for row in changed}
        for keys in _parts((key for key in gone if key not in there), MOST_ROWS):
            self._tell(gone=keys)
        for rows in _parts(map(self._fit, changed), MOST_ROWS):
            self._tell(rows=rows)

    def _fit(self, row: ObjectRow) -> ObjectRow:
        try:
            believed(self.cluster, Told(at=self._clock(), rows=(row,)), self._clock())
        except DefinitionError as refused:
            row = unreadable(row.cluster, row.kind, row.namespace, row.name, refused.why)
        if len(_JSON.encode(row)) > MOST_BYTES:
            return unreadable(row.cluster, row.kind, row.namespace, row.name, "it is too large")
        return row

    def heard(self, row: WatchRow) -> None:
        """See `InventoryWriter`."""
        self._tell(watch=replace(row, may=str(self._may)))

    def warn(self, cluster: str, events: Sequence[EventRow]) -> None:
        """See `InventoryWriter`."""
        for part in _parts(events, MOST_ROWS):
            self._tell(events=part)

    def end_events(
        self, cluster: str, about: Iterable[str], at: float, because: str, *, events: Iterable[str] = ()
    ) -> None:
        """See `InventoryWriter`."""
        for part in _parts(about, MOST_ROWS):
            self._tell(ended=(Ended(about=part, at=at, because=because),))
        for part in _parts(events, MOST_ROWS):
            self._tell(ended=(Ended(events=part, at=at, because=because),))

    def going(self, cluster: str) -> Sequence[EventRow]:
        """See `InventoryWriter`."""
        return self._ask(self._server.going(cluster))

    def lives(self, life: ClusterLife) -> None:
        """Raises:
        RefusedError: SLW979, the engine's workflow tells that.
        """
        raise RefusedError("SLW979", "a cluster's worker does not tell how its life is", where=life.name)

    def forget(self, cluster: str) -> None:
        """Raises as `lives`."""
        self.lives(ClusterLife(name=cluster))

    def _tell(self, **what: Any) -> None:  # Any: fields of Told
        self._ask(self._server.tell(self.cluster, Told(at=self._clock(), **what)))

    def _ask(self, call: Coroutine[Any, Any, T]) -> T:
        """Raises:
        SluicewayError: SLW808 (transient), the server does not answer; else what it says.
        """
        try:
            return asyncio.run_coroutine_threadsafe(call, self._loop).result()
        except SluicewayError as away:
            if not is_away(away):
                raise
            what, why = "the server does not answer, so what is known waits", away.why or away.what
            raise SluicewayError("SLW808", what, where=self.cluster, why=why, transient=True) from away


def _parts(many: Iterable[T], most: int) -> Iterator[tuple[T, ...]]:
    """At most so many, and so many bytes, at once."""
    part, size = list[T](), 0
    for one in many:
        bytes_ = len(_JSON.encode(one))
        if part and (len(part) == most or size + bytes_ > MOST_BYTES):
            yield tuple(part)
            part, size = [], 0
        part.append(one)
        size += bytes_
    if part:
        yield tuple(part)
