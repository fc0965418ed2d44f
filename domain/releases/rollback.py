"""The actions that restore the previous version, from any state of a release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.releases.actions import Action, ActionKind


def rollback(version: str, previous: str, done: Sequence[Action]) -> Iterator[Action]:
    """Traffic moves first: no request waits for, or is lost to, a version that is being stopped.

    Where the previous version was stopped (recreate), the new one is stopped first: two never run at once. `done` holds
    the started actions; a failed one counts as done.
    """
    began = {action.do for action in done if action.version == version}
    if ActionKind.ADOPT in began:  # it ran before, and goes on
        yield Action(do=ActionKind.GIVE_BACK, version=version)
        return
    of_previous = {action.do for action in done if action.version == previous}
    started = bool(began & {ActionKind.START, ActionKind.SCALE, ActionKind.HOOK}) and version != previous
    ended = bool(of_previous & {ActionKind.STOP, ActionKind.RETIRE})
    back_beside = bool(previous) and not ended and version != previous
    if back_beside:
        if ActionKind.SCALE in of_previous:
            yield Action(do=ActionKind.SCALE, version=previous, count=_held(previous, done))
        if began & {ActionKind.SHIFT, ActionKind.ROUTE, ActionKind.PREVIEW}:
            yield Action(do=ActionKind.ROUTE, version=previous)
        if started:
            yield Action(do=ActionKind.STOP, version=version)
        return
    if started:
        yield Action(do=ActionKind.STOP, version=version)
    if previous:
        if ended or version == previous:
            yield Action(do=ActionKind.START, version=previous)
        yield Action(do=ActionKind.ROUTE, version=previous)


def _held(previous: str, done: Sequence[Action]) -> int:
    """How many a staged target was asked to hold, which is what answered before; 0: as the definition says."""
    if not any(action.do is ActionKind.PREFLIGHT for action in done):
        return 0
    return max(action.count for action in done if action.do is ActionKind.SCALE and action.version == previous)


def settled(done: Sequence[Action]) -> bool:
    """Whether the new version has all traffic, verified: later failures do not roll back."""
    verified = [index for index, action in enumerate(done) if action.do is ActionKind.VERIFY]
    return bool(verified) and verified[-1] < len(done) - 1
