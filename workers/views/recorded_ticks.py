"""The recorded ticks of a release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from domain.releases.judge.ticks import Tick, tick_from


def lines(path: Path) -> Iterator[Tick]:
    """The ticks recorded so far; an incomplete last line is left out."""
    if path.exists():
        for line in path.read_bytes().split(b"\n")[:-1]:
            yield tick_from(json.loads(line))
