"""Paths that another machine wrote, as paths of a folder here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_MAX_PARTS = 40


def inside(folder: Path, path: str) -> str:
    """An absolute path as one relative to the folder; any other as it is.

    A report of another checkout names files under that one's root: then it is the longest tail, of at least two parts,
    that is a file in the folder. Without one the path stays as it is. It may be in Windows' notation.
    """
    path = path.replace("\\", "/")
    drive = path[1:2] == ":"
    if not path.startswith("/") and not drive:
        return path
    root = f"{folder.as_posix().rstrip('/')}/"
    if path.startswith(root):
        return path[len(root) :]
    parts = [part for part in path.split("/") if part][-_MAX_PARTS:]
    if ".." in parts or "\0" in path:
        return path
    tails = ("/".join(parts[at:]) for at in range(len(parts) - 1))
    return next((tail for tail in tails if is_file(folder / tail)), path)


_instead: Callable[[Path], bool] | None = None


def ask_instead(asked: Callable[[Path], bool]) -> None:
    """Who answers for a process that cannot look itself: see `sandboxed`."""
    global _instead
    _instead = asked


def is_file(path: Path) -> bool:
    """Whether it is one; a name that the system refuses is none."""
    if _instead is not None:
        return _instead(path)
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or it cannot be encoded
        return False
