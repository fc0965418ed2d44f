"""What client and server say on the WebSocket of an exec session.

Binary messages are bytes of the command: the first one is the channel (0: input, 1: output, 2: errors). Texts are JSON
objects with one member: `ticket` and `size` from the client, `ready`, `end` and `problem` from the server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from domain.core.documents import Node, Object
from domain.core.errors import RefusedError

PATH = "/exec/stream"
INPUT = 0
MOST_TEXT = 16_000
"""Characters; the longest is a problem with its reasons."""
FIRST_S = 10.0
"""Within which the ticket comes."""


@dataclass(frozen=True)
class Hello:
    """The first message: never in the address, which is logged."""

    ticket: str
    columns: int
    rows: int

    def text(self) -> str:
        """As it is sent."""
        return json.dumps({"ticket": self.ticket, "size": [self.columns, self.rows]})


def read(text: str) -> Node:
    """A text of the other side.

    Raises:
        RefusedError: SLW471, it is none.
    """
    try:
        if len(text) > MOST_TEXT:
            raise ValueError("it is too long")
        said = json.loads(text)
        if not isinstance(said, dict):
            raise TypeError("it is no object")
    except (ValueError, TypeError, RecursionError) as odd:
        raise RefusedError("SLW471", "the message cannot be understood", why=str(odd)[:200]) from odd
    return Node(said)


def hello_of(text: str) -> Hello:
    """Raises:
    RefusedError: SLW471, it is none.
    """
    said = read(text)
    columns, rows = size_of(said) or (80, 24)
    return Hello(said["ticket"].text(), columns, rows)


def size_of(said: Node) -> tuple[int, int] | None:
    """Columns and rows; None: it is about something else."""
    sides = [one.whole() for one in said["size"]][:2]
    return (sides[0], sides[1]) if len(sides) == 2 else None


def ready(id_: str) -> str:
    """The command runs."""
    return json.dumps({"ready": id_})


def end(why: str, code: int | None) -> str:
    """It has ended."""
    return json.dumps({"end": {"why": why[:500], "code": code}})


def problem(document: Object) -> str:
    """It was refused: the members of problem+json."""
    return json.dumps({"problem": dict(document)})


def size(columns: int, rows: int) -> str:
    """The terminal has another size."""
    return json.dumps({"size": [columns, rows]})
