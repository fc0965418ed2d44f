"""The image of the worker in a cluster that dials out, built once for its sources."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

from domain.core.version import VERSION
from domain.inventory.dial_out_manifest import IMAGE

BUILD = Path(__file__).parents[2] / "deploy" / "dial-out" / "build.py"
TAG = f"{IMAGE}:{VERSION}"


@cache
def worker_image(folder: Path) -> Path:
    """Its archive, in this folder."""
    built = subprocess.run([sys.executable, str(BUILD), str(folder)], capture_output=True, text=True, check=True)
    return Path(built.stdout.strip())
