"""Is the audit what it was? One pass over what is stored, against everything that anybody has kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.access.audit import entry_of
from domain.access.merkle import Growing, leaf_hash

MOST_PROBLEMS = 50
"""That are listed: after the first, the rest is for a comparison with a copy."""


@dataclass(frozen=True)
class StoredEntry:
    """An entry as it lies in a table, which whoever has the database may have changed."""

    seq: int
    at_ms: int
    columns: Mapping[str, str]
    """Those that queries filter by: copies of what stands in `body`."""
    body: str


@dataclass(frozen=True)
class Mark:
    """What somebody has kept of the log: its root at a size."""

    witness: str
    """`checkpoint 1000`, `the signer`, `this computer`: words of a sentence."""
    size: int
    root: bytes


@dataclass(frozen=True)
class Verified:
    """What a check of the whole log has found."""

    size: int
    root: bytes
    problems: tuple[str, ...] = ()
    """Sentences; empty: nothing was changed, left out, swapped or cut off."""
    marks: int = 0
    """How many kept roots it was compared with."""
    signed: int = 0
    """Entries that a checkpoint covers: later ones are as safe as the database."""


@dataclass
class _Check:
    """The state of the pass."""

    nodes: Iterator[tuple[int, int, bytes]]
    tree: Growing = field(default_factory=Growing)
    problems: list[str] = field(default_factory=list)
    follows: bool = True
    """The stored subtrees agree so far."""

    def entry(self, one: StoredEntry) -> None:
        expected = self.tree.size
        if one.seq != expected:
            self.tell(f"entry {expected} is missing: entry {one.seq} stands in its place")
        elif why := _changed(one):
            self.tell(f"entry {one.seq} was changed: {why}")
        hashed = leaf_hash(one.body.encode("utf-8", "surrogatepass"))
        made = [(0, expected, hashed), *self.tree.add(hashed)]
        if self.follows and any(next(self.nodes, None) != node for node in made):
            self.follows = False
            self.tell(f"the stored tree does not fit entry {one.seq}")

    def mark(self, one: Mark) -> None:
        if self.tree.root() != one.root:
            self.tell(f"the first {one.size} entries are not those of {one.witness}")

    def tell(self, problem: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def verify(
    entries: Iterable[StoredEntry], nodes: Iterable[tuple[int, int, bytes]], marks: Sequence[Mark], signed: int = 0
) -> Verified:
    """Checks a whole log. `entries`: by number; `nodes`: level, position and hash in the order in which their last
    leaves were added, the lower level first; `signed`: the size of the last checkpoint.
    """
    check = _Check(iter(nodes))
    waiting = sorted(marks, key=lambda one: one.size, reverse=True)
    for entry in entries:
        while waiting and waiting[-1].size == check.tree.size:
            check.mark(waiting.pop())
        check.entry(entry)
    size = check.tree.size
    while waiting and waiting[-1].size == size:
        check.mark(waiting.pop())
    for mark in reversed(waiting):
        check.tell(f"{mark.witness} has seen {mark.size} entries, and there are {size}: the end was cut off")
    if check.follows and next(check.nodes, None) is not None:
        check.tell("the stored tree has more entries than the log")
    return Verified(size, check.tree.root(), tuple(check.problems), len(marks), min(signed, size))


def _changed(one: StoredEntry) -> str:
    """Why a row is not what the log has written; empty: it is."""
    try:
        entry = entry_of(one.body.encode())
    except ValueError:
        return "its bytes are not canonical"
    if (entry.seq, entry.at_ms) != (one.seq, one.at_ms):
        return "its number or its time is another"
    for name, value in one.columns.items():
        if getattr(entry.event, name) != value:
            return f"the column {name} is not what it says"
    return ""
