"""Reads documents of others (a tool's report, a cluster's object) without trusting their shape.

A `Node` is a place in a document. A step into a missing place, or through a value of another type, gives an empty node,
so a malformed document yields defaults and never an AttributeError.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
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
        return Node(self.value.get(key)) if isinstance(self.value, Mapping) else _EMPTY

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
        return float(value) if math.isfinite(value) else default

    def whole(self, default: int = 0) -> int:
        """An integer; the default for anything else, booleans included."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else default


_EMPTY = Node()
