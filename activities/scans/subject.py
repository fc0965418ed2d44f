"""What was scanned: its name, the commit under it, and where it lies in its repository."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from activities.source import git
from domain.core.errors import SluicewayError


def subject_of(path: Path, at: float) -> tuple[str, str]:
    """Words for titles, such as `shop, working tree of 1a2b3c4d5e6f, 2026-11-30`, and the folder's prefix.

    The prefix leads from the root of the Git repository to the folder whose paths findings have, and ends with `/`;
    it is empty at the root, and where there is no repository. `at`: seconds since 1970.
    """
    whole = path.resolve()
    folder = whole if whole.is_dir() else whole.parent
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    try:
        top = git.top(folder).resolve()
        inside = folder.relative_to(top).as_posix()
    except (SluicewayError, ValueError):
        return f"{whole.name}, {day}", ""
    name = (Path(top.name) / whole.relative_to(top)).as_posix()
    return f"{name}{_commit(top)}, {day}", "" if inside == "." else f"{inside}/"


def _commit(top: Path) -> str:
    """Empty before the first commit."""
    try:
        return f", working tree of {git.resolve(top, 'HEAD')[:12]}"
    except SluicewayError:
        return ""
