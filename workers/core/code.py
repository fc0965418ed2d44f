"""Identifies the code of a running engine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGINE = (
    *("domain/**/*.py", "pipeline_defs/**/*.py", "activities/**/*.py", "workflows/**/*.py", "workers/**/*.py"),
    *("activities/**/*.j2", "deploy/locks/engine.txt"),
)
"""Files that a worker runs, and the list of its libraries."""


def digest(patterns: Sequence[str] = ENGINE, root: Path = ROOT) -> str:
    """Twelve hexadecimal digits, a hash of the names and contents of these files."""
    found = hashlib.sha256()
    for file in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        found.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:12]
