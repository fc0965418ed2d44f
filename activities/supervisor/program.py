"""How the supervisor's program is called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("main.py")


def command(*words: str) -> list[str]:
    """Without site packages and variables of people: it needs none, and starts sooner."""
    return [sys.executable, "-I", "-S", str(PROGRAM), *words]


def environment() -> dict[str, str]:
    """Nothing of the worker's but where programs are."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
