"""Chooses the version that a rollback returns to."""

from __future__ import annotations

from collections.abc import Sequence


def previous_version(versions: Sequence[tuple[str, str]], warm: str = "") -> str:
    """The instance on standby, or else the latest one whose version differs from the live one.

    `versions` holds (instance, version) of what was live, oldest first, at least two; the last one is live.
    """
    *earlier, (_, live) = versions
    return warm or next((instance for instance, version in reversed(earlier) if version != live), earlier[-1][0])
