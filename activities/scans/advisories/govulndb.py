"""Writes advisories of Go modules in govulncheck's layout: go.dev/doc/security/vuln/database."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from domain.core.documents import Manifest, Node

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
    _entries: dict[str, Manifest] = field(default_factory=dict)

    def add(self, entry: Node) -> None:
        """Adds an entry, unless it is withdrawn or not about Go."""
        mine = [one for one in entry["affected"] if one.at("package", "ecosystem").value == "Go"]
        name = entry["id"].text()
        if not mine or entry["withdrawn"] or not _NAME.fullmatch(name):
            return
        modified = entry["modified"].text() or self.updated_at
        self._entries[name] = {"id": name, "modified": modified, "aliases": entry["aliases"].texts()}
        for one in mine:
            known = self._modules.setdefault(one.need_text("package", "name"), {})
            known[name] = {"id": name, "modified": modified, **_fixed(one)}
        path = self.folder / FOLDER / "ID" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**entry.object(), "modified": modified, "affected": [one.value for one in mine]}))

    def write(self) -> None:
        """Writes the three index files; the last one marks the database as complete."""
        index = self.folder / FOLDER / "index"
        index.mkdir(parents=True, exist_ok=True)
        modules = [{"path": path, "vulns": list(known.values())} for path, known in sorted(self._modules.items())]
        (index / "modules.json").write_text(json.dumps(modules))
        (index / "vulns.json").write_text(json.dumps(list(self._entries.values())))
        (self.folder / FOLDER / INDEX).write_text(json.dumps({"modified": self.updated_at}))


def _fixed(affected: Node) -> dict[str, str]:
    """The last version that ends a range, if any."""
    ends = [event["fixed"] for one in affected["ranges"] for event in one["events"] if "fixed" in event.object()]
    return {"fixed": ends[-1].text()} if ends else {}
