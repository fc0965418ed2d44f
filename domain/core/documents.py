"""Reads documents of others (a tool's report, a cluster's object) without trusting their shape.

A `Node` is a place in a document. A step into a missing place, or through a value of another type, gives an empty node,
so a malformed document yields defaults and never an AttributeError. Where a default would say too much (a report
without results is no report without findings), `need` and its like refuse the document instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.core.values import Json

Object = Mapping[str, Json]
"""A JSON object, such as an object of Kubernetes."""
Manifest = dict[str, Json]
"""A JSON object under construction."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document, of any type; false when it is missing, null, zero or empty."""

    value: Json = None

    def __bool__(self) -> bool:
        return bool(self.value)

    def __getitem__(self, key: str) -> Node:
        """The field of an object; empty when it is missing."""
        # named first, a dictionary is known in a third of the time that a Mapping takes
        found = self.value.get(key) if isinstance(self.value, (dict, Mapping)) else None
        return _EMPTY if found is None else Node(found)

    def __iter__(self) -> Iterator[Node]:
        """The elements of a list; nothing when it is not a list."""
        return (Node(each) for each in self.value) if isinstance(self.value, list | tuple) else iter(())

    def at(self, *path: str) -> Node:
        """The node at a path of fields: `at("status", "phase")`."""
        node = self
        for key in path:
            node = node[key]
        return node

    def first(self) -> Node:
        """The first element of a list; empty when there is none."""
        return next(iter(self), _EMPTY)

    def fields(self) -> Iterator[tuple[str, Node]]:
        """Names and values of an object; nothing when it is not an object."""
        return ((str(key), Node(each)) for key, each in self.object().items())

    def object(self) -> Object:
        """The object itself; an empty one when it is not an object."""
        return self.value if isinstance(self.value, Mapping) else {}

    def text(self, default: str = "") -> str:
        """A string as it is, a number or boolean as Python formats it; the default for anything else."""
        return str(self.value) if isinstance(self.value, str | int | float) else default

    def texts(self) -> list[str]:
        """The strings of a list; other elements are left out."""
        return [each.value for each in self if isinstance(each.value, str)]

    def strings(self) -> dict[str, str]:
        """The fields of an object that are texts, such as labels; the others are left out."""
        return {name: each.value for name, each in self.fields() if isinstance(each.value, str)}

    def number(self, default: float = 0.0) -> float:
        """A finite number; the default for anything else, booleans included."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return default
        try:
            return float(value) if math.isfinite(value) else default
        except OverflowError:  # an integer of hundreds of digits
            return default

    def number_or_none(self) -> float | None:
        """A finite number; none for all else, booleans too."""
        return None if math.isnan(found := self.number(math.nan)) else found

    def whole(self, default: int = 0) -> int:
        """An integer (`3.0` is one); the default for anything else, booleans included."""
        return default if (found := _whole(self.value)) is None else found

    def need(self, *path: str) -> Node:
        """As `at`, for required fields; null counts as present.

        Raises:
            ValueError: one of them is missing; the text names it.
        """
        node = self
        for key in path:
            if not isinstance(node.value, Mapping):
                raise ValueError(f"'{key}' is missing: around it is {_kind(node.value)} instead of an object")
            if key not in node.value:
                raise ValueError(f"'{key}' is missing")
            node = Node(node.value[key])
        return node

    def need_text(self, *path: str) -> str:
        """A required string.

        Raises:
            ValueError: missing, or of another type; the text names it.
        """
        value = self.need(*path).value
        if not isinstance(value, str):
            raise _wrong(path, value, "a text")
        return value

    def need_number(self, *path: str) -> float:
        """A required number, finite or not.

        Raises:
            ValueError: missing, or of another type; the text names it.
        """
        value = self.need(*path).value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(path, value, "a number")
        return value

    def need_whole(self, *path: str) -> int:
        """A required integer (`3.0` is one).

        Raises:
            ValueError: missing, or of another type; the text names it.
        """
        value = self.need(*path).value
        if (found := _whole(value)) is None:
            raise _wrong(path, value, "a whole number")
        return found

    def need_list(self, *path: str) -> list[Node]:
        """The elements of a required list, which may be empty.

        Raises:
            ValueError: missing, or of another type; the text names it.
        """
        value = self.need(*path).value
        if not isinstance(value, list | tuple):
            raise _wrong(path, value, "a list")
        return [Node(each) for each in value]

    def need_object(self, *path: str) -> Object:
        """A required object, which may be empty.

        Raises:
            ValueError: missing, or of another type; the text names it.
        """
        value = self.need(*path).value
        if not isinstance(value, Mapping):
            raise _wrong(path, value, "an object")
        return value


_EMPTY = Node()


def _whole(value: Json) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _wrong(path: Sequence[str], value: Json, wanted: str) -> ValueError:
    name = f"'{'.'.join(path)}'" if path else "it"
    return ValueError(f"{name} is {_kind(value)} instead of {wanted}")


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case Mapping():
            return "an object"
        case _:
            return "a list"
