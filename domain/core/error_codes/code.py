"""One error code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """Sentences for people; the error itself adds the file, the names and the numbers."""

    code: str
    title: str
    why: str
    fix: str
