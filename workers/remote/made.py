"""Small answers that several features share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Made:
    """The id of what was made."""

    id: str


@dataclass(frozen=True)
class Said:
    """A sentence of what happens now."""

    text: str
