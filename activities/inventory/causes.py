"""What is remembered of a cluster's unhealthy objects, so that one says why another is not healthy.

Only what is not healthy is kept, and no more than `MOST` of it: of a cluster in which more is wrong, some reasons are
less exact.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.inventory import causes
from domain.inventory.model import EventRow, ObjectRow

MOST = 20_000
Key = tuple[str, str, str]
"""Kind, namespace, name."""


class Causes:
    """Of one cluster."""

    def __init__(self) -> None:
        self._waiting: dict[Key, ObjectRow] = {}
        """Pods and claims that wait, as they are without an event."""
        self._hints: dict[Key, str] = {}
        self._workloads: dict[Key, ObjectRow] = {}
        """Those that are not healthy, as they are without their pods."""
        self._bad: dict[Key, dict[str, str]] = {}
        """By workload: names and reasons of its bad pods."""
        self._owners: dict[Key, Key] = {}
        """Of bad pods."""

    def of(self, row: ObjectRow) -> Iterator[ObjectRow]:
        """The row as it is with what is known of others, and rows that look different because of it."""
        key = row.key[1:]
        if row.kind in causes.TOLD_BY_EVENTS:
            _keep(self._waiting, key, row, causes.waits(row))
            hint = self._hints.get(key)
            if hint and key in self._waiting:
                row = causes.explained(row, hint)
            elif hint:
                del self._hints[key]
            yield row
            if row.kind == "Pod":
                yield from self._pod(key, row)
            return
        _keep(self._workloads, key, row, causes.may_be_blamed(row))
        yield causes.blamed(row, self._bad.get(key, {})) if key in self._workloads else row

    def gone(self, key: Key) -> Iterator[ObjectRow]:
        """Rows that look different because this object is gone."""
        for known in (self._waiting, self._workloads):
            known.pop(key, None)
        self._hints.pop(key, None)
        yield from self._moved(key, None, "")

    def hear(self, event: EventRow) -> Iterator[ObjectRow]:
        """Rows that look different because of a warning."""
        key = (event.kind, event.namespace, event.name)
        if event.kind not in causes.TOLD_BY_EVENTS or not (words := causes.told_by(event)):
            return
        if key in self._hints or len(self._hints) < MOST:
            self._hints[key] = words
        if key in self._waiting:
            yield from self.of(self._waiting[key])

    def _pod(self, key: Key, row: ObjectRow) -> Iterator[ObjectRow]:
        if not causes.is_bad(row):
            yield from self._moved(key, None, "")
            return
        kind, _, name = row.owner.partition("/")
        yield from self._moved(key, (kind, row.namespace, name), row.reason or row.status)

    def _moved(self, pod: Key, owner: Key | None, reason: str) -> Iterator[ObjectRow]:
        before = self._owners.get(pod)
        if before is None and (owner is None or len(self._owners) >= MOST):
            return
        if before is not None and before != owner:
            self._bad[before].pop(pod[2], None)
            yield from self._workload(before)
        if owner is None:
            self._owners.pop(pod, None)
            return
        self._owners[pod] = owner
        pods = self._bad.setdefault(owner, {})
        if pods.get(pod[2]) != reason:
            pods[pod[2]] = reason
            yield from self._workload(owner)

    def _workload(self, key: Key) -> Iterator[ObjectRow]:
        pods = self._bad.get(key, {})
        if not pods:
            self._bad.pop(key, None)
        if known := self._workloads.get(key):
            yield causes.blamed(known, pods)


def _keep(known: dict[Key, ObjectRow], key: Key, row: ObjectRow, wanted: bool) -> None:
    if wanted and (key in known or len(known) < MOST):
        known[key] = row
    else:
        known.pop(key, None)
