"""What lists show of the event that started a run: short, and for people."""

from __future__ import annotations

from dataclasses import dataclass

from domain.triggers.events import Event

MAX_NAME = 200
MAX_MESSAGE = 500


@dataclass(frozen=True)
class ListedEvent:
    """An event in a list. Every text is a stranger's."""

    kind: str
    branch: str
    """The tag of an event without a branch."""
    author: str
    actor: str
    """Who started it, where a channel knows that; empty: nobody knows."""
    message: str
    """The first line."""


def listed(event: Event) -> ListedEvent:
    """Cuts what is too long for a list."""
    first = next(iter(event.message.strip().splitlines()), "")
    return ListedEvent(
        str(event.kind),
        (event.branch or event.tag)[:MAX_NAME],
        event.author[:MAX_NAME],
        (event.actor if event.actor_from else "")[:MAX_NAME],
        first[:MAX_MESSAGE],
    )
