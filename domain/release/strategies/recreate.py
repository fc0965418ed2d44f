"""Stop the old version, then start the new one: never two at once, and a gap in between."""

from __future__ import annotations

from collections.abc import Iterator

from domain.release.actions import Action, Do


def recreate(version: str, previous: str) -> Iterator[Action]:
    if previous:
        yield Action(Do.STOP, previous)
    yield Action(Do.START, version)
    yield Action(Do.ROUTE, version)
