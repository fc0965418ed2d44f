"""Holes of Python's standard library in what reads archives of strangers, by the versions that have them.

The engine rests on none of it: its own unpacker reads archives, and readers have no rights. What runs beside it may.
Source: the records of the CVE list (github.com/CVEProject/cvelistV5, as of 2026-11), written by the Python Software
Foundation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Hole:
    """A known weakness."""

    name: str
    what: str
    fixed: Mapping[tuple[int, int], int]
    """Minor version to the first patch level without it; later minor versions never had it."""


HOLES = (
    Hole("CVE-2024-0450", "zipfile reads bombs of overlapping entries", {(3, 11): 8, (3, 12): 2}),
    Hole("CVE-2024-6232", "tarfile takes very long for a made-up header", {(3, 11): 10, (3, 12): 6}),
    Hole("CVE-2024-8088", "zipfile.Path never ends for a made-up name", {(3, 11): 10, (3, 12): 6}),
    Hole(
        "CVE-2025-4517",
        "tarfile's filters let an archive write outside of its folder (with CVE-2024-12718, CVE-2025-4138 and 4330)",
        {(3, 11): 13, (3, 12): 11, (3, 13): 4},
    ),
    Hole("CVE-2025-8194", "tarfile never ends for a negative size", {(3, 11): 14, (3, 12): 12, (3, 13): 6}),
    Hole(
        "CVE-2025-8291",
        "zipfile reads another directory of a ZIP64 archive than other tools",
        {(3, 11): 14, (3, 12): 12, (3, 13): 10, (3, 14): 1},
    ),
    Hole(
        "CVE-2026-82049",
        "tarfile's filters can be led outside of the folder by a made-up archive",
        {(3, 11): 17, (3, 12): 15, (3, 13): 16},
    ),
)


def holes_of(version: tuple[int, int, int]) -> Iterator[Hole]:
    """The known holes of a version, (3, 11, 7)."""
    for hole in HOLES:
        if version[2] < hole.fixed.get(version[:2], 0):
            yield hole
