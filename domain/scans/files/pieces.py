"""Code within files of other kinds, in a form that scanners of code can read, and the way back to its place."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PLACES = 2_000_000
"""Lines of one piece whose places are kept; a file with more is named."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line of a piece comes from."""

    line: int
    """In the file, from 1."""
    cell: int = 0
    """Of a notebook, from 1; 0: the file is none."""


@dataclass(frozen=True)
class Piece:
    """Code of one language that was in a file of another kind."""

    text: str
    suffix: str
    """Such as `.py`: what a scanner takes it for."""
    places: tuple[Place, ...] = ()
    """The place of each line; empty: lines are those of the file."""

    def place(self, line: int) -> Place:
        """Where a line (from 1) of the piece comes from; 0 stays 0."""
        if not self.places or line < 1:
            return Place(line)
        return self.places[min(line, len(self.places)) - 1]


class NotReadable(ValueError):  # noqa: N818  (an outcome: the file is named as not looked at)
    """A file is not what its name says; the text says why."""
