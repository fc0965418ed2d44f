"""Advisories of Go modules in the layout that govulncheck reads: go.dev/doc/security/vuln/database."""

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
"""Of an entry whose name becomes a file's."""


@dataclass
class GoIndex:
    """Takes advisories one by one; the database is complete after `write`."""

    folder: Path
    """Of the database."""
    updated_at: str
    _modules: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    _entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, entry: Mapping[str, Any]) -> None:
        """An entry that says nothing of Go is left out, and one that was withdrawn."""
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
        """Writes the three index files, of which the last one makes the database count as there."""
        index = self.folder / FOLDER / "index"
        index.mkdir(parents=True, exist_ok=True)
        modules = [{"path": path, "vulns": list(known.values())} for path, known in sorted(self._modules.items())]
        (index / "modules.json").write_text(json.dumps(modules))
        (index / "vulns.json").write_text(json.dumps(list(self._entries.values())))
        (self.folder / FOLDER / INDEX).write_text(json.dumps({"modified": self.updated_at}))


def _fixed(affected: Mapping[str, Any]) -> dict[str, str]:
    """The last version that ends a range, where there is one."""
    ranges = affected.get("ranges") or ()
    ends = [str(event["fixed"]) for one in ranges for event in one.get("events") or () if "fixed" in event]
    return {"fixed": ends[-1]} if ends else {}
