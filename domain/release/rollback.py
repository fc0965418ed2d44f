"""What brings the version before back, from wherever a release stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.release.actions import Action, Do


def rollback(version: str, previous: str, done: Sequence[Action]) -> Iterator[Action]:
    """Stops what was started, starts what was stopped, and routes to the version before if there is one.

    `done` holds the actions that were begun, the failed one included: half-done counts as done.
    """
    started = any(action.do is Do.START and action.version == version for action in done)
    stopped = any(action.do is Do.STOP and action.version == previous for action in done)
    if started and version != previous:
        yield Action(Do.STOP, version)
    if previous:
        if stopped or version == previous:
            yield Action(Do.START, previous)
        yield Action(Do.ROUTE, previous)
