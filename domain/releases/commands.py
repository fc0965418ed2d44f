"""Commands of people to a release. A command that the state does not allow is refused with a reason, never ignored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CommandKind(StrEnum):
    """A command to a release that is under way."""

    PAUSE = "pause"
    RESUME = "resume"
    PROMOTE = "promote"
    OVERRIDE = "override"
    """Ask people for their approval that it may pass its windows."""
    ABORT = "abort"
    ROLLBACK = "rollback"


@dataclass(frozen=True, kw_only=True)
class ReleaseState:
    """The state that decides which commands are allowed."""

    locked: bool = True
    """It holds the environment's lock and executes actions."""
    gradual: bool = True
    """Its strategy shifts traffic in steps."""
    held: bool = False
    """Its windows are closed, and it waits for them."""
    overriding: bool = False
    """People were asked already whether it may pass."""
    paused: bool = False
    promoted: bool = False
    settled: bool = False
    """The new version gets all traffic, verified."""
    going_back: bool = False
    ended: str = ""
    """The verdict, once it has ended."""


def refusal(verb: CommandKind, now: ReleaseState) -> str:
    """Why the command is refused; empty: it is allowed."""
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
        case CommandKind.OVERRIDE:
            if now.overriding:
                return "the approval `override` is open already"
            return "" if now.held else "no window holds it"
        case _:
            return ""


def _promote(now: ReleaseState) -> str:
    if not now.gradual:
        return "its strategy has no steps to skip"
    if not now.locked:
        return "it has not started: it waits for the environment's lock"
    return "it is already promoted" if now.promoted else ""
