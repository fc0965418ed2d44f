"""What brings the version before back, from wherever a release stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.releases.actions import Action, Do


def rollback(version: str, previous: str, done: Sequence[Action]) -> Iterator[Action]:
    """The traffic first: no request waits for, or is lost to, a version that is being stopped.

    Where the version before was stopped (recreate), the new one goes first: there are never two at once.
    `done` holds the actions that were begun, the failed one included: half-done counts as done.
    """
    began = {action.do for action in done if action.version == version}
    of_previous = {action.do for action in done if action.version == previous}
    started = bool(began & {Do.START, Do.SCALE}) and version != previous
    back_beside = bool(previous) and Do.STOP not in of_previous and version != previous
    if back_beside:
        if Do.SCALE in of_previous:
            yield Action(Do.SCALE, previous)
        if began & {Do.SHIFT, Do.ROUTE, Do.PREVIEW}:
            yield Action(Do.ROUTE, previous)
        if started:
            yield Action(Do.STOP, version)
        return
    if started:
        yield Action(Do.STOP, version)
    if previous:
        if Do.STOP in of_previous or version == previous:
            yield Action(Do.START, previous)
        yield Action(Do.ROUTE, previous)


def settled(done: Sequence[Action]) -> bool:
    """Whether the new version has all traffic, verified: what fails afterwards does not take it back."""
    verified = [index for index, action in enumerate(done) if action.do is Do.VERIFY]
    return bool(verified) and verified[-1] < len(done) - 1
