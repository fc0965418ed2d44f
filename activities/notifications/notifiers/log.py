"""Writes notifications to the worker's log and to a file."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

from activities.notifications.port import Notice

_log = logging.getLogger("sluiceway.notice")


class LogNotifier:
    """Appends each notification to a file, as a line of JSON with `at` in seconds since the epoch."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def notify(self, notice: Notice) -> None:
        _log.info("%s: %s", notice.kind, notice.text)
        with self._file.open("a") as file:
            file.write(json.dumps({"at": round(time.time(), 3), **notice.__dict__}) + "\n")
