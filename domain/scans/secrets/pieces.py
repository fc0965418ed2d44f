"""Texts that were made of parts of another one, and where each part came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A text, and the places of its parts in the text that it was made of."""

    data: bytes
    places: tuple[tuple[int, int], ...]
    """Where a part begins here, and there; in order."""
    step: int = 1
    """How far a byte's neighbour here is from it there: 1, or -1 if it is reversed; 0: all came from one place."""


class Pieces:
    """Pieces below one another as one text. Calling it gives the place that one of its bytes came from."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        parts: list[bytes] = []
        self._here: list[int] = []
        self._there: list[tuple[int, int]] = []
        size = 0
        for one in pieces:
            for here, there in one.places:
                self._here.append(size + here)
                self._there.append((there, one.step))
            parts.append(one.data)
            size += len(one.data) + 1
        self.data = b"\n".join(parts)

    def __call__(self, at: int) -> int:
        index = max(bisect_right(self._here, at) - 1, 0)
        there, step = self._there[index]
        return there + step * (at - self._here[index])

    def begins(self, at: int) -> bool:
        """Whether a part begins at this byte."""
        index = bisect_right(self._here, at) - 1
        return index >= 0 and self._here[index] == at
