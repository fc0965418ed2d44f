"""What lists show of the event that started a run: short, and for people."""

from __future__ import annotations

from dataclasses import dataclass

from domain.triggers.events import Event, EventKind, EventSource

MAX_NAME = 200
MAX_MESSAGE = 500
FOREIGN, OWN = 0, 1


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
    owner: str
    """Id of the principal that started it by a login or a key of its own; empty: nobody's."""
    integrity: int
    """0: what a pull request brings from elsewhere, which is a stranger's; 1: of the repository itself."""


def listed(event: Event) -> ListedEvent:
    """Cuts what is too long for a list."""
    first = next(iter(event.message.strip().splitlines()), "")
    return ListedEvent(
        str(event.kind),
        (event.branch or event.tag)[:MAX_NAME],
        event.author[:MAX_NAME],
        (event.actor if event.actor_from else "")[:MAX_NAME],
        first[:MAX_MESSAGE],
        _owner(event),
        FOREIGN if event.kind is EventKind.PULL_REQUEST and not event.own_branch else OWN,
    )


def _owner(event: Event) -> str:
    """A login of the operating system is no person's name."""
    if event.actor_from not in (EventSource.SSH, EventSource.SERVER) or not event.actor:
        return ""
    return event.actor[:MAX_NAME] if ":" in event.actor else f"person:{event.actor}"[:MAX_NAME]
