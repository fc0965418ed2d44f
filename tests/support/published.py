"""Schemas as their authors publish them: fetched once, held against a digest, never part of this repository."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

SARIF = "@microsoft/jest-sarif@1.0.0-beta.0"
_FILE = "microsoft-jest-sarif-1.0.0-beta.0.tgz"
_MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"
_SHA512 = (
    "0357ce84f77a21ce620e4e05f583f0d6a341e1717eefe22f891ef197caf617a4"
    "33424c7972963d2ec1a4dab1318852047016e3a559d29b058606e9004a4890f4"
)


def sarif_schema() -> dict[str, Any]:
    """Of SARIF 2.1.0 (OASIS), from a package that carries it (MIT)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sluiceway" / "schemas"
    archive = cache / _FILE
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", SARIF], cwd=cache, capture_output=True, timeout=120, check=True)
    assert hashlib.sha512(archive.read_bytes()).hexdigest() == _SHA512, f"{archive} is not what was looked at"
    with tarfile.open(archive) as packed:
        file = packed.extractfile(_MEMBER)
        assert file is not None
        found: dict[str, Any] = json.loads(file.read())
        return found
