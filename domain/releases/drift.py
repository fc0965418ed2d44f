"""Compares what runs with what was released: changed files, and other images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

MAX_NAMED = 50
SCRATCH = ("/tmp/", "/run/", "/var/run/", "/var/tmp/", "/var/log/", "/var/cache/", "/proc/", "/dev/")  # noqa: S108
"""Folders where a container may write."""


class Change(IntEnum):
    """How a file of a container changed, numbered as in Docker's API (GET /containers/ID/changes)."""

    MODIFIED = 0
    ADDED = 1
    DELETED = 2


_WORDS = {Change.MODIFIED: "changed", Change.ADDED: "added", Change.DELETED: "missing"}


@dataclass(frozen=True)
class Found:
    """A file as released, or as found now."""

    digest: str
    """SHA-256 of the file, or the target of a link."""
    executable: bool = False


def of_files(shipped: Mapping[str, Found], found: Mapping[str, Found]) -> list[str]:
    """Report lines for a service's folder. Data files that it writes are ignored; programs are not."""
    return _first(_of_files(shipped, found))


def _of_files(shipped: Mapping[str, Found], found: Mapping[str, Found]) -> Iterator[str]:
    for path in sorted(shipped.keys() | found.keys()):
        before, now = shipped.get(path), found.get(path)
        if now is None:
            yield f"missing: {path}"
        elif before is None:
            if now.executable:
                yield f"added: {path}, an executable"
        elif before.digest != now.digest:
            yield f"changed: {path}"


def of_container(changes: Iterable[tuple[str, int]]) -> list[str]:
    """Report lines for changed paths of a container: (path, kind of change). Parent folders are left out."""
    every = [(path, kind) for path, kind in changes if not f"{path}/".startswith(SCRATCH)]
    paths = sorted(path for path, _ in every)
    parents = {path for path, below in pairwise(paths) if below.startswith(f"{path}/")}
    above = {folder.rstrip("/").rpartition("/")[0] for folder in SCRATCH}
    kept = [(path, kind) for path, kind in sorted(every) if path not in parents and path not in above]
    return _first(f"{_WORDS.get(Change(kind), 'changed')}: {path}" for path, kind in kept if kind in list(Change))


def _first(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = [f"and {len(every) - MAX_NAMED} more"] if len(every) > MAX_NAMED else []
    return every[:MAX_NAMED] + more
