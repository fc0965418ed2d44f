"""Committed histories, replayed by the code of today."""

from pathlib import Path

SCENE = Path("/tmp/sluiceway-replay")
