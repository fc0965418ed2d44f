"""Objects of others, with a record of what was used of them and what was said about the rest: no field is left out.

Whoever converts reads through a `Place`. What nobody has used or spoken of when all is done is a loss of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from domain.core.documents import Node, Object
from domain.core.values import Json, duration_s

Path: TypeAlias = tuple[str | int, ...]
MAX_OBJECTS = 200
_OFF = "it is off, as here"


class Kind(StrEnum):
    """What a remark says."""

    LOSS = "loss"
    """What the object did is not done, or done otherwise."""
    MISSING = "missing"
    """The objects do not say it, and a release needs it."""
    NOTE = "note"
    """Nothing is lost: it needs no words here, or stays as it is."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One field, or a part of an object, that has no equal."""

    kind: Kind
    index: int = -1
    """Of the object; -1: of none."""
    path: Path = ()
    what: str
    instead: str = ""
    """What to write, or to do."""


@dataclass
class Ledger:
    """All objects, and what became of their fields."""

    objects: Sequence[Object]
    used: set[tuple[int, Path]] = field(default_factory=set)
    _told: set[tuple[int, Path]] = field(default_factory=set)
    _around: set[tuple[int, Path]] = field(default_factory=set)
    """Everything that has something used or told in it."""
    _remarks: dict[Remark, None] = field(default_factory=dict)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """All of them, by the order of the objects; those of none come first."""
        return tuple(sorted(self._remarks, key=lambda one: one.index))

    def roots(self) -> list[Place]:
        """The objects, in their order."""
        return [Place(self, index, (), Node(one)) for index, one in enumerate(self.objects)]

    def use(self, index: int, path: Path) -> None:
        """Counts a part of an object as used, whole."""
        self.used.add((index, path))
        self._mark(index, path)

    def say(self, remark: Remark) -> None:
        """Keeps a remark, once."""
        self._remarks[remark] = None
        if remark.index >= 0 and remark.kind is not Kind.MISSING:
            self._told.add((remark.index, remark.path))
            self._mark(remark.index, remark.path)

    def _mark(self, index: int, path: Path) -> None:
        self._around.update((index, path[:n]) for n in range(len(path) + 1))

    def covers(self, index: int, path: Path) -> bool:
        """Whether a part, or something around it, was used or spoken of."""
        return any((index, path[:n]) in marked for n in range(len(path) + 1) for marked in (self.used, self._told))

    def close(self) -> None:
        """Tells of what is left, by its outermost part that nobody has looked into."""
        for index, one in enumerate(self.objects):
            for path in self.left(index, (), one):
                self.say(Remark(kind=Kind.LOSS, index=index, path=path, what="it has no equal here"))

    def left(self, index: int, path: Path, value: Json) -> Iterator[Path]:
        """The outermost parts, from a path on, of which nothing was used or told; what is told meanwhile counts."""
        for leaf, _ in leaves(value, path):
            if not self.covers(index, leaf):
                ways = range(len(path), len(leaf))
                yield leaf[: next((n for n in ways if (index, leaf[:n]) not in self._around), len(leaf))]


def leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Each value that has no other in it, with its path; null says nothing, and is none."""
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from leaves(each, (*path, str(key)))
    elif isinstance(value, list | tuple) and value:
        for at, each in enumerate(value):
            yield from leaves(each, (*path, at))
    elif value is not None:
        yield path, value


@dataclass(frozen=True)
class Place:
    """A place in an object. What is read by `take` and its like counts as used."""

    ledger: Ledger
    index: int
    path: Path
    node: Node

    def __bool__(self) -> bool:
        return self.node.value is not None

    def __getitem__(self, key: str) -> Place:
        """The field of an object; empty when it is missing."""
        return Place(self.ledger, self.index, (*self.path, key), self.node[key])

    def at(self, *path: str) -> Place:
        """The place at a path of fields."""
        found = self
        for key in path:
            found = found[key]
        return found

    def items(self) -> list[Place]:
        """The elements of a list."""
        return [Place(self.ledger, self.index, (*self.path, at), one) for at, one in enumerate(self.node)]

    def fields(self) -> list[tuple[str, Place]]:
        """The fields of an object."""
        return [(key, self[key]) for key, _ in self.node.fields()]

    def take(self) -> Json:
        """The value, whole: all of it is used."""
        if self:
            self.ledger.use(self.index, self.path)
        return self.node.value

    def text(self, default: str = "") -> str:
        """As `Node.text`, used."""
        return Node(self.take()).text(default)

    def look(self, *path: str) -> str:
        """A text, not used by this: for what is only compared."""
        return self.at(*path).node.text()

    def seconds(self) -> float | None:
        """A duration, used; none, and told, where it cannot be read."""
        value = self.node.value
        if value is None:
            return None
        try:
            if not isinstance(value, str | int | float):
                raise ValueError("it is of another type")
            found = duration_s(float(value) if isinstance(value, str) and value.isdecimal() else value)
        except ValueError:
            self.lose("it cannot be read as a duration", "write it as 90s, 1m30s or 24h")
            return None
        self.take()
        return found

    def lose(self, what: str, instead: str = "") -> None:
        """Tells of a loss, where something is there that is neither used nor spoken of, nor off anyway."""
        if self.node.value is False:
            self.note(_OFF)
        elif self.is_left():
            self._say(Kind.LOSS, what, instead)

    def note(self, what: str) -> None:
        """Tells that nothing is lost, where something is there that is neither used nor spoken of."""
        if self.is_left():
            self._say(Kind.NOTE, what, "")

    def is_left(self) -> bool:
        """Whether something is there of which nobody has used or told anything."""
        return next(self.ledger.left(self.index, self.path, self.node.value), None) is not None

    def lack(self, what: str, instead: str) -> None:
        """Tells what is missing here; also where nothing is."""
        self._say(Kind.MISSING, what, instead)

    def _say(self, kind: Kind, what: str, instead: str) -> None:
        self.ledger.say(Remark(kind=kind, index=self.index, path=self.path, what=what, instead=instead))

    def rest(self, table: Mapping[str, tuple[Kind, str, str]]) -> None:
        """Speaks of what nobody has used yet, by a table of dotted paths in which `*` is any step."""
        for path, (kind, what, instead) in table.items():
            for place in _below(self, path.split(".")):
                for left in self.ledger.left(place.index, place.path, place.node.value):
                    off = _value(self.ledger.objects[self.index], left) is False
                    said = Remark(kind=kind, index=self.index, path=left, what=what, instead=instead)
                    self.ledger.say(replace(said, kind=Kind.NOTE, what=_OFF, instead="") if off else said)


def _below(place: Place, path: Sequence[str]) -> Iterator[Place]:
    if not path:
        yield place
        return
    step, more = path[0], path[1:]
    found = [*place.items(), *(one for _, one in place.fields())] if step == "*" else [place[step]]
    for one in found:
        if one:
            yield from _below(one, more)


def _value(one: Json, path: Path) -> Json:
    found = one
    for step in path:
        if isinstance(found, Mapping) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list | tuple) and isinstance(step, int):
            found = found[step]
    return found
