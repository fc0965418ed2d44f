"""The findings of the last local scan of each folder, in the home of the installation: what `--explain` can tell of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from activities.core import serialization as serial
from activities.core.files import write_atomically
from domain.scans.findings.model import Finding, ScanReport

MAX_FINDINGS = 20_000
"""So many are kept of a scan, worst first."""
MAX_TARGETS = 50
"""Of so many targets, the ones scanned last."""


@dataclass(frozen=True)
class KeptScan:
    """What was found in a target."""

    target: str
    """The real path, or what else was scanned, such as an image's name."""
    at: float
    """Seconds since the epoch."""
    report: ScanReport

    @property
    def findings(self) -> tuple[Finding, ...]:
        """At most `MAX_FINDINGS`."""
        return self.report.findings


class LastReports:
    """A file for each target, private to the user; the next scan of it replaces it."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "last-scans"

    def keep(self, target: str, report: ScanReport, at: float) -> None:
        """Replaces what is known of the target.

        Raises:
            OSError: the home cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = KeptScan(target, at, ScanReport(merged=report.findings[:MAX_FINDINGS]))
        write_atomically(self._path(target), serial.dump(kept))
        for old in self._files()[MAX_TARGETS:]:
            old.unlink(missing_ok=True)

    def of(self, target: str) -> KeptScan | None:
        """None: it was not scanned, or by another version."""
        return _read(self._path(target))

    def around(self, path: Path) -> KeptScan | None:
        """Of a folder or a file, or of the nearest folder around it."""
        places = (path, *path.parents)
        return next((kept for place in places if (kept := self.of(str(place)))), None)

    def newest(self) -> Iterator[KeptScan]:
        """All of them, the last first."""
        return (kept for file in self._files() if (kept := _read(file)))

    def _path(self, target: str) -> Path:
        return self._folder / f"{name_of(target)}.json"

    def _files(self) -> list[Path]:
        dated = []
        for file in self._folder.glob("*.json"):
            try:
                dated.append((-file.stat().st_mtime, file))
            except OSError:  # another scan has just cleared it away
                continue
        return [file for _, file in sorted(dated)]


def name_of(target: str) -> str:
    """Of the file, without a suffix."""
    return hashlib.sha256(target.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _read(file: Path) -> KeptScan | None:
    try:
        return serial.load(KeptScan, file.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None
