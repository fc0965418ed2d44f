"""A copy of the target in which no comment silences trivy, which has no option for that.

Its markers are findings of `markers`; reviewed suppressions are the way to accept what trivy says.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from activities.scans.running.sandbox import files

MAX_BYTES = 10_000_000
"""Bigger files are not read by its checks of configurations."""
_MARKER = re.compile(rb"(?i)(trivy|tfsec|cfsec):(?=ignore)")


def unsilenced(target: Path, made: Path) -> Path:
    """The target itself if it has no marker; else a folder with its files, each marker changed in one letter.

    Lines and columns stay. Files without one are linked where that is possible.
    """
    every = list(files(target))
    marked = {path for path in every if _is_marked(path)}
    if not marked:
        return target
    _copy(every, marked, target, made)
    return made.resolve()


def _is_marked(path: Path) -> bool:
    if path.stat().st_size > MAX_BYTES:
        return False
    data = path.read_bytes()
    return b":ignore" in data.lower() and bool(_MARKER.search(data))


def _copy(every: Iterable[Path], marked: set[Path], target: Path, made: Path) -> None:
    for path in every:
        copy = made / path.relative_to(target)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path in marked:
            copy.write_bytes(_MARKER.sub(rb"\1_", path.read_bytes()))
            continue
        try:
            os.link(path, copy, follow_symlinks=False)
        except OSError:  # another file system, or links of others' files are not allowed
            shutil.copyfile(path, copy, follow_symlinks=False)
