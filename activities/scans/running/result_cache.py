"""Caches scanner reports: the same tool, rules, database and content give the same findings."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from activities.core import serialization as serial
from activities.core.files import write_atomically
from activities.storage.port import Store
from domain.scans.findings.model import ToolReport

MAX_ENTRIES = 500
VERSION = "2"
"""Version of the parsing code, part of the key."""


class FolderCache:
    """A file per key, written atomically. An unreadable file is a miss; least recently used files are evicted."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, key: str) -> Path:
        return self._root / f"{hashlib.sha256(f'{VERSION} {key}'.encode()).hexdigest()}.json"

    def get(self, key: str) -> ToolReport | None:
        """Also marks the entry as used."""
        path = self._path(key)
        try:
            report = serial.load(ToolReport, path.read_bytes())
            os.utime(path)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return report

    def put(self, key: str, report: ToolReport) -> None:
        """Evicts the least recently used beyond MAX_ENTRIES."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(self._path(key), serial.dump(report))
        every = sorted(self._root.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in every[: max(len(every) - MAX_ENTRIES, 0)]:
            with suppress(FileNotFoundError):
                path.unlink()


class StoredCache(FolderCache):
    """For runs: a hit requires that all referenced objects are in the store."""

    def __init__(self, root: Path, store: Store) -> None:
        super().__init__(root)
        self._store = store

    def get(self, key: str) -> ToolReport | None:
        """Also None when a referenced object is gone from the store."""
        report = super().get(key)
        digests = [report.output, *report.documents.values()] if report else []
        return report if all(self._store.has(digest) for digest in digests if digest) else None
