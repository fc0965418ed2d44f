"""Databases of known vulnerabilities for tests: made in milliseconds, of a few entries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from activities.scans.advisories import database
from workers.core.settings import Settings

Advisory = dict[str, Any]
ADVISORY: Advisory = {
    "id": "OSV-1",
    "summary": "brook is weak",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "brook"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }
    ],
}
NEWER: Advisory = {**ADVISORY, "id": "OSV-2", "database_specific": {"severity": "CRITICAL"}}
MADE_AT = "2026-11-01T00:00:00Z"


def learn(home: Path, *advisories: Advisory) -> None:
    """From now on, this home's database knows these and nothing else."""
    home.mkdir(parents=True, exist_ok=True)
    entries = home.parent / "osv.json"
    entries.write_text(json.dumps(list(advisories)))
    database.build([entries], Settings(home, home).trivy_cache, MADE_AT)
