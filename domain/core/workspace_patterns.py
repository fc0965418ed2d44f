"""Patterns of files in a workspace: `./dist`, `dist/` and `dist` are the same, and a folder is all that is in it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from domain.core import globs


def plain(pattern: str) -> str:
    """Without `./`, `//` and a `/` at the end; `.` is everything."""
    taken = "!" if pattern.startswith("!") else ""
    path = posixpath.normpath(pattern.removeprefix("!")) if pattern.removeprefix("!") else ""
    return taken + ("**" if path == "." else path)


def with_content(patterns: Iterable[str]) -> tuple[str, ...]:
    """A pattern that ends with a name (`dist`, `packages/*/dist`) includes all that is below a folder of that name."""
    return tuple(one for pattern in map(plain, patterns) for one in _with_content(pattern))


def _with_content(pattern: str) -> tuple[str, ...]:
    last = pattern.rpartition("/")[2]
    named = last and not any(wild in last for wild in "*?[")
    return (pattern, f"{pattern}/**") if named else (pattern,)


def complaint(pattern: str) -> str:
    """Why a pattern can match no file of a workspace; empty: it can."""
    path = plain(pattern).removeprefix("!")
    if path.startswith("/"):
        return f"paths begin at the workspace, without '/': write {path.lstrip('/') or '.'}"
    if path == ".." or path.startswith("../"):
        return "it leads out of the workspace"
    return globs.complaint(path)


def file_complaint(pattern: str) -> str:
    """As `complaint`, where folders mean nothing: a pattern of reports."""
    return globs.complaint(pattern) if pattern.endswith("/") else complaint(pattern)
