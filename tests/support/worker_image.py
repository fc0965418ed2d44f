"""The image of the worker in a cluster that dials out, built once for its sources."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from domain.core.version import VERSION
from domain.inventory.dial_out_manifest import IMAGE

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "deploy" / "dial-out" / "build.py"
OWN = ("domain", "activities", "workers")
TAG = f"{IMAGE}:{VERSION}"


def worker_image() -> Path:
    """Its archive."""
    parts = [BUILD, ROOT / "pyproject.toml", *(one for name in OWN for one in sorted((ROOT / name).rglob("*.py")))]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in parts)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"sluiceway-worker-{os.getuid()}-{digest}"
    for made in folder.glob("*.tar"):
        return made
    built = subprocess.run([sys.executable, str(BUILD), str(folder)], capture_output=True, text=True, check=True)
    return Path(built.stdout.strip())
