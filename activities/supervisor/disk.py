"""How much of the disk a job has taken: measured when the free space says that it may be too much, not all the time.

What is written between two looks (50 ms, and the time that a look takes) comes on top of the limit; no single file
becomes larger than the limit, holes included.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 512
SHARE = 8
"""A part of the room that is left: when that much has gone from the disk, the job is measured."""
EVERY_S, REST = 5.0, 30
"""At least so often, and never more than a thirtieth of the time."""


class Disk:
    """Of one job. `limit` 0: none."""

    def __init__(self, folders: list[str], limit: int) -> None:
        self._folders, self._limit, self._used = folders, limit, 0
        self._free, self._next = (_free(folders[0]), time.monotonic() + EVERY_S) if limit else (0, 0.0)

    def is_full(self, pids: list[int]) -> bool:
        """`pids`: processes of the job, which may hold files that have no name any more."""
        if not self._limit:
            return False
        free, now = _free(self._folders[0]), time.monotonic()
        if self._free - free < (self._limit - self._used) // SHARE and now < self._next:
            return False
        self._used = sum(_blocks(self._folders)) + sum(_nameless(pids).values())
        self._free, took = free, time.monotonic() - now
        self._next = time.monotonic() + max(EVERY_S, REST * took)
        return self._used > self._limit

    def told(self) -> str:
        return f"its files take {self._used:,} bytes, the limit is {self._limit:,}"


def _free(folder: str) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return found.f_bfree * found.f_frsize


def _blocks(folders: list[str]) -> Iterator[int]:
    look, known = list(folders), set[tuple[int, int]]()
    while look:
        try:
            with os.scandir(look.pop()) as entries:
                for entry in entries:
                    found = entry.stat(follow_symlinks=False)
                    if (found.st_dev, found.st_ino) in known:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        look.append(entry.path)
                    elif found.st_nlink > 1:
                        known.add((found.st_dev, found.st_ino))
                    yield found.st_blocks * BLOCK
        except OSError:
            continue  # gone meanwhile


def _nameless(pids: list[int]) -> dict[tuple[int, int], int]:
    """Files that are open and removed: device and number to bytes."""
    sizes: dict[tuple[int, int], int] = {}
    for pid in pids:
        try:
            handles = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        for handle in handles:
            try:
                found = os.stat(f"/proc/{pid}/fd/{handle}")
            except OSError:
                continue
            if not found.st_nlink:
                sizes[found.st_dev, found.st_ino] = found.st_blocks * BLOCK
    return sizes
