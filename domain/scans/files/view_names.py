"""Names in the view of the code: none that comes from a repository is an option, a pattern or an exclusion."""

from __future__ import annotations

import hashlib
import re

from domain.scans.files.languages import suffix_of

OWN = "_"
"""The folder of what has no name that every tool reads as it is."""
_SAFE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")
_EXCLUDED = frozenset({"cvs", "__pycache__", "node_modules", OWN})
"""Folders that one tool or another leaves out."""
_MAX_NAME = 200
_SUFFIX = re.compile(r"[a-z0-9_]{1,12}")


def name_of(path: str, suffix: str, within: str = "") -> str:
    """The file's own path if every tool reads it there, so that modules find each other; else a digest of its place.

    `suffix`: by which the tools know the language, empty if none does. `within`: which part of the file it is, if not
    all of it.
    """
    if not within and (not suffix or path.endswith(suffix)) and _is_plain(path):
        return path
    own = suffix_of(within or path)
    kept = suffix or (f".{own}" if _SUFFIX.fullmatch(own) else "")
    place = f"{path}\0{within}".encode("utf-8", "surrogateescape")
    return f"{OWN}/{hashlib.sha256(place).hexdigest()[:24]}{kept}"


def _is_plain(path: str) -> bool:
    folders = path.lower().split("/")[:-1]
    egg = any(part.endswith(".egg") for part in folders)
    return (
        path != OWN
        and len(path) <= _MAX_NAME
        and bool(_SAFE.fullmatch(path))
        and not egg
        and not _EXCLUDED & set(folders)
    )
