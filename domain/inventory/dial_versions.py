"""Whether the worker in a cluster and the server that it dials fit each other, and what to do where they do not."""

from __future__ import annotations

import re
from enum import StrEnum

PROTOCOL = 1
"""Of what a worker asks and tells. It grows when a server could not read what an older worker tells, or the reverse."""
MOST_VERSION = 40
"""Characters."""
_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})")


class Fits(StrEnum):
    """How a worker's version stands to the server's."""

    SAME = "same"
    OLDER = "older"
    NEWER = "newer"
    UNKNOWN = "unknown"
    """It told none, or one that is none."""


ADVICE = {
    Fits.OLDER: "build the image of the server's version, make the manifest again, and apply it",
    Fits.NEWER: "update the server: servers come before the workers that dial them",
    Fits.UNKNOWN: "build the image of the server's version, make the manifest again, and apply it",
}
"""What to do, as a sentence without its point."""


def fits(worker: str, server: str) -> Fits:
    """Of two versions: `0.1.0`. What follows the third number does not count."""
    theirs, ours = _VERSION.match(worker), _VERSION.match(server)
    if theirs is None or ours is None:
        return Fits.UNKNOWN
    found, here = tuple(map(int, theirs.groups())), tuple(map(int, ours.groups()))
    return Fits.SAME if found == here else Fits.OLDER if found < here else Fits.NEWER
