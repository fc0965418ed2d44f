"""The warnings of a cluster that go on, and their ends. Used in one event loop; only `write` runs in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import Protocol

from activities.inventory.causes import Key
from activities.inventory.port import MOST_GOING, InventoryWriter
from domain.inventory.events import FORGOTTEN, GONE, QUIET, is_quiet, maker_of
from domain.inventory.model import EventRow

TOO_MANY = f"more than {MOST_GOING:,} warnings went on, and it was one of the oldest"
AT_ONCE = MOST_GOING // 20
"""Of the oldest that end together: in a flood, to look for one at each event would be all that is done."""


class Remembered(Protocol):
    """What is remembered of an object."""

    @property
    def uid(self) -> str: ...

    @property
    def well(self) -> bool: ...


Find = Callable[[str, str, str], Remembered | None]
"""By kind, namespace and name."""


@dataclass
class News:
    """What is to be written. `over`: UIDs of events that have ended, and why."""

    warned: dict[str, EventRow] = field(default_factory=dict)
    over: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.warned) + len(self.over)

    def write(self, cluster: str, writer: InventoryWriter, now: float) -> None:
        """One transaction for what is new, and one for each reason of an end."""
        if self.warned:
            writer.warn(cluster, list(self.warned.values()))
        for why in dict.fromkeys(self.over.values()):
            writer.end_events(cluster, (), now, why, events=[uid for uid, each in self.over.items() if each == why])


@dataclass
class Warnings:
    """Of one cluster."""

    cluster: str
    find: Find
    going: dict[str, EventRow] = field(default_factory=dict)
    """By UID."""
    _of: dict[Key, set[str]] = field(default_factory=dict)
    """UIDs of events by what they are about."""
    news: News = field(default_factory=News)

    def known(self, before: Iterable[EventRow]) -> None:
        """What went on when the watch before this one ended."""
        for one in before:
            self._goes_on(one)

    def hear(self, event: EventRow) -> EventRow:
        """A warning, as it is kept: about a Deployment where it was about its ReplicaSet, which has no row."""
        kind, name = maker_of(event.kind, event.name)
        about = self.find(kind, event.namespace, name)
        if about is not None and event.kind in ("Node", "ReplicaSet"):
            event = replace(event, kind=kind, name=name, about=about.uid)
        if len(self.going) >= MOST_GOING and event.uid not in self.going:
            for uid in nsmallest(AT_ONCE, self.going, key=lambda uid: self.going[uid].last_at):
                self.over(uid, TOO_MANY)
        self._goes_on(event)
        self.news.over.pop(event.uid, None)
        self.news.warned[event.uid] = event
        return event

    def _goes_on(self, event: EventRow) -> None:
        self.going[event.uid] = event
        self._of.setdefault(_about(event), set()).add(event.uid)

    def over(self, uid: str, why: str = FORGOTTEN) -> None:
        """It has ended; one that does not go on stays as it ended."""
        event = self.going.pop(uid, None)
        if event is None:
            return
        same = self._of.get(_about(event), set())
        same.discard(uid)
        if not same:
            self._of.pop(_about(event), None)
        self.news.over[uid] = why

    def ended(self, about: Key, why: str) -> bool:
        """What goes on about an object is over; whether anything was."""
        uids = self._of.get(about)
        for uid in list(uids or ()):
            self.over(uid, why)
        return bool(uids)

    def listed(self, uids: set[str]) -> None:
        """All that Kubernetes has now: what it has not, it has forgotten."""
        for uid in self.going.keys() - uids:
            self.over(uid)

    def look(self, now: float) -> bool:
        """Ends what was not repeated about what is well, or about what is gone; whether anything was."""
        for uid, event in list(self.going.items()):
            if is_quiet(event, now):
                about = self.find(event.kind, event.namespace, event.name)
                if about is not None and about.well:
                    self.over(uid, QUIET)
                elif about is not None and event.about and about.uid and about.uid != event.about:
                    self.over(uid, GONE)  # another of its name is there
        return bool(self.news.over)

    def taken(self) -> News:
        """What is to be written; it is not told again."""
        news, self.news = self.news, News()
        return news

    def back(self, news: News) -> None:
        """It could not be written."""
        self.news = News(news.warned | self.news.warned, news.over | self.news.over)


def _about(event: EventRow) -> Key:
    return (event.kind, event.namespace, event.name)
