"""Which execution each start began: a start that is copied to begin another one finds that it has been used."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from activities.core.files import made_once

KEPT_S = 86_400.0
"""Longer than the seal of a start is taken (ten minutes); a sweep finds a copy that waits for its first task."""


class Starts:
    """A small file for each start of the last day; `folder`: None: in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder, self._known = folder, dict[str, str]()

    def first(self, nonce: str, run_id: str) -> bool:
        """Whether the start with this nonce has begun this execution and no other; it is remembered from now on."""
        if self._folder is None:
            return self._known.setdefault(nonce, run_id) == run_id
        name = hashlib.sha256(nonce.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return made_once(self._folder / name, lambda: run_id) == run_id

    def forget(self, now: float | None = None) -> None:
        """Removes what is older than a day. `now`: seconds since the epoch."""
        before = (now or time.time()) - KEPT_S
        for file in self._folder.iterdir() if self._folder and self._folder.is_dir() else ():
            if file.stat().st_mtime < before:
                file.unlink(missing_ok=True)
