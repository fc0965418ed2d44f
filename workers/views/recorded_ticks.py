"""The ticks of a release, as far as they have been recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from domain.releases.judge.ticks import Tick, tick_from


def lines(path: Path) -> Iterator[Tick]:
    """The ticks that a release has recorded so far; a line that is being written is left out."""
    if path.exists():
        for line in path.read_bytes().split(b"\n")[:-1]:
            yield tick_from(json.loads(line))
