"""An empty database of Java archives for trivy (schema 1, SQLite): without one, one unknown .jar fails the scan."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

FOLDER = "java-db"
_SCHEMA = """
CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT,
  FOREIGN KEY (artifact_id) REFERENCES artifacts(id));
CREATE UNIQUE INDEX artifacts_idx ON artifacts(artifact_id, group_id);
CREATE INDEX indices_artifact_idx ON indices(artifact_id);
CREATE UNIQUE INDEX indices_sha1_idx ON indices(sha1);
"""
_DATE, _NEVER = "2000-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


def write_empty(folder: Path) -> None:
    """Creates the folder and writes into it."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "trivy-java.db")) as database:
        database.executescript(_SCHEMA)
    told = {"Version": 1, "UpdatedAt": _DATE, "DownloadedAt": _DATE, "NextUpdate": _NEVER}
    (folder / "metadata.json").write_text(json.dumps(told))
