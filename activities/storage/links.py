"""Where symbolic links lead, decided without following them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

MOST_LINKS = 40
"""Links on the way to a file; the kernel follows no more."""


def leads_out(root: Path, name: str) -> bool:
    """Whether a path below a folder leads out of it: by itself, or by any link on its way, also where nothing is.

    An absolute link leads out wherever it points to: the folder is elsewhere for the next reader.
    """
    here: list[str] = []
    ahead, links = name.split("/")[::-1], 0
    while ahead:
        part = ahead.pop()
        if part == ".." and not here:
            return True
        if part == "..":
            here.pop()
        if part in ("", ".", ".."):
            continue
        try:
            target = os.readlink(root.joinpath(*here, part))
        except OSError as none:
            if none.errno not in (errno.ENOENT, errno.EINVAL, errno.ENOTDIR):
                return True  # too long, or not readable: nothing can be said for it
            here.append(part)
            continue
        links += 1
        if target.startswith("/"):
            return True
        if links > MOST_LINKS:
            return False
        ahead.extend(target.split("/")[::-1])
    return False
