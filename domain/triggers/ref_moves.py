"""How often each branch and tag moved from one commit to another: what tells a second push from a repeated delivery."""

from __future__ import annotations

from collections.abc import Mapping

MAX_MOVES = 10_000
"""Of one repository; the oldest are forgotten."""


class RefMoves:
    """The moves of the refs of one repository. Commits are ids, or empty or zeros for none."""

    def __init__(self, moves: Mapping[str, int] | None = None, at: Mapping[str, str] | None = None) -> None:
        self.moves = dict(moves or {})
        """`REF OLD NEW` to how often that happened."""
        self.at = dict(at or {})
        """Where each ref is, as far as it was told."""

    def number(self, ref: str, old: str, new: str) -> int:
        """Which time this is that a ref moves so, from 1. The same delivery once more has the same number.

        A push moves a ref from where it is. What moves it from elsewhere, and happened before, is told again.
        """
        old, new = _commit(old), _commit(new)
        key, known = f"{ref} {old} {new}", self.at.get(ref)
        if known != old and key in self.moves:
            return self.moves[key]
        if known is None and old:  # it came here before anybody counted
            self._count(f"{ref} {new} {old}", 1)
        self._count(key, self.moves.get(key, 0) + 1)
        self.at[ref] = new
        return self.moves[key]

    def _count(self, key: str, times: int) -> None:
        self.moves.pop(key, None)  # to the end: the newest
        self.moves[key] = times
        while len(self.moves) > MAX_MOVES:
            oldest = next(iter(self.moves))
            del self.moves[oldest]
            ref = oldest.rsplit(" ", 2)[0]
            if not any(other.startswith(f"{ref} ") for other in self.moves):
                self.at.pop(ref, None)


def _commit(id_: str) -> str:
    return id_ if id_.strip("0") else ""
