"""The signer's log as a chain: each line holds the SHA-256 of the line before it.

A line that was changed, taken out or put in between breaks the chain. Lines that were cut off at the end do not:
`sluiceway signer log` prints the last hash, to be kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.core.documents import Node, Object

FIRST = "0" * 64
"""What the first line has in the place of a hash."""


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    number: int
    """From 1."""
    at: int
    """Seconds since the epoch."""
    before: str
    """The hash of the line before."""
    kind: str
    body: Object


class BrokenChainError(ValueError):
    """The first line that does not continue the chain, and why."""


def line_of(entry: Entry) -> bytes:
    """The entry as a line, with its newline."""
    said = {"n": entry.number, "at": entry.at, "before": entry.before, "kind": entry.kind, "body": entry.body}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def hash_of(line: bytes) -> str:
    """The SHA-256 of a line without its newline."""
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest()


def whole_lines(data: bytes) -> tuple[bytes, bytes]:
    """What is complete, and the rest: a line that was being written when the machine or the process stopped."""
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    """The entries of a log, in order.

    Raises:
        BrokenChainError: a line does not continue the chain.
    """
    before = FIRST
    for number, line in enumerate(lines, 1):
        try:
            said = Node(json.loads(line))
        except ValueError as broken:
            raise BrokenChainError(f"line {number} is no JSON") from broken
        entry = Entry(
            said["n"].whole(), said["at"].whole(), said["before"].text(), said["kind"].text(), said["body"].object()
        )
        if entry.number != number:
            raise BrokenChainError(f"line {number} has the number {entry.number}")
        if entry.before != before:
            raise BrokenChainError(f"line {number} does not follow the line before it")
        yield entry
        before = hash_of(line)
