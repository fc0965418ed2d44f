"""What a person may tell a release, and where it makes no sense: refused with the reason, never ignored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CommandKind(StrEnum):
    """What people may tell a release that is under way."""

    PAUSE = "pause"
    RESUME = "resume"
    PROMOTE = "promote"
    ABORT = "abort"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class ReleaseState:
    """Where a release is, as far as steering goes."""

    locked: bool = True
    """It has the environment's lock, and acts."""
    gradual: bool = True
    """It has steps between nothing and all traffic."""
    paused: bool = False
    promoted: bool = False
    settled: bool = False
    """All traffic is at the new version, verified."""
    going_back: bool = False
    ended: str = ""
    """The verdict, once it has ended."""


def refusal(verb: CommandKind, now: ReleaseState) -> str:
    """Why not; empty: it may be done."""
    if now.ended:
        return f"the release has ended: {now.ended}"
    if now.settled:
        back = (
            "; `release rollback` returns to the previous version"
            if verb in (CommandKind.ABORT, CommandKind.ROLLBACK)
            else ""
        )
        return f"the new version already has all traffic{back}"
    if now.going_back:
        return "" if verb in (CommandKind.ABORT, CommandKind.ROLLBACK) else "the release is rolling back"
    match verb:
        case CommandKind.PAUSE:
            return "it is already paused" if now.paused else ""
        case CommandKind.RESUME:
            return "" if now.paused else "it is not paused"
        case CommandKind.PROMOTE:
            return _promote(now)
        case _:
            return ""


def _promote(now: ReleaseState) -> str:
    if not now.gradual:
        return "its strategy has no steps to skip"
    if not now.locked:
        return "it has not started: it waits for the environment's lock"
    return "it is already promoted" if now.promoted else ""
