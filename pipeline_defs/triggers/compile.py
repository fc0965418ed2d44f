"""Compiles the events that a pipeline listens to."""

from __future__ import annotations

from domain.triggers.events import EventKind, Listener
from pipeline_defs.triggers.model import On


def listeners(on: On) -> dict[EventKind, Listener]:
    """Kind of event to its filter. A pipeline can always be started manually."""
    found: dict[EventKind, Listener] = {}
    if on.push is not None:
        push = on.push
        found[EventKind.PUSH] = Listener(EventKind.PUSH, tuple(push.branches), tuple(push.tags), tuple(push.paths))
    if on.pull_request is not None:
        pull = on.pull_request
        found[EventKind.PULL_REQUEST] = Listener(EventKind.PULL_REQUEST, tuple(pull.branches), (), tuple(pull.paths))
    if on.schedule:
        found[EventKind.SCHEDULE] = Listener(EventKind.SCHEDULE)
    return found
