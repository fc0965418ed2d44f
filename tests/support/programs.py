"""Programs that tests call: those of this environment, and those of the machine."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest


def program(name: str) -> str:
    """The path of a program beside this interpreter."""
    return str(Path(sys.executable).with_name(name))


def need(name: str, why: str) -> str:
    """The path of a program of this machine, or a skip that says why it is needed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: {why}")
    return found
