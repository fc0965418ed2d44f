"""Writes advisories of Go modules in govulncheck's layout: go.dev/doc/security/vuln/database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = "go"
INDEX = "index/db.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
"""Limit of an entry's id, which becomes a file name."""


@dataclass
class GoIndex:
    """Collects advisories; the database is complete after `write`."""

    folder: Path
    """Modification time of the database."""
    updated_at: str
    _modules: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    _entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, entry: Mapping[str, Any]) -> None:
        """Adds an entry, unless it is withdrawn or not about Go."""
        mine = [one for one in entry.get("affected") or () if one.get("package", {}).get("ecosystem") == "Go"]
        name = str(entry.get("id", ""))
        if not mine or entry.get("withdrawn") or not _NAME.fullmatch(name):
            return
        modified = str(entry.get("modified") or self.updated_at)
        self._entries[name] = {"id": name, "modified": modified, "aliases": list(entry.get("aliases") or ())}
        for one in mine:
            known = self._modules.setdefault(str(one["package"]["name"]), {})
            known[name] = {"id": name, "modified": modified, **_fixed(one)}
        path = self.folder / FOLDER / "ID" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**entry, "modified": modified, "affected": mine}))

    def write(self) -> None:
        """Writes the three index files; the last one marks the database as complete."""
        index = self.folder / FOLDER / "index"
        index.mkdir(parents=True, exist_ok=True)
        modules = [{"path": path, "vulns": list(known.values())} for path, known in sorted(self._modules.items())]
        (index / "modules.json").write_text(json.dumps(modules))
        (index / "vulns.json").write_text(json.dumps(list(self._entries.values())))
        (self.folder / FOLDER / INDEX).write_text(json.dumps({"modified": self.updated_at}))


def _fixed(affected: Mapping[str, Any]) -> dict[str, str]:
    """The last version that ends a range, if any."""
    ranges = affected.get("ranges") or ()
    ends = [str(event["fixed"]) for one in ranges for event in one.get("events") or () if "fixed" in event]
    return {"fixed": ends[-1]} if ends else {}
