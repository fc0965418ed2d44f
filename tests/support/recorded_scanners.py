"""Scanners that answer with what the real ones have said: their reports of the corpus and of the samples, replayed.

Only the tool is replaced. How its report is read, and everything after that, is the engine's own. That the recordings
are what the real tools say is tested in tests/contracts/scanners.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from activities.core.port import Completed
from activities.scans.running.sandbox import files
from activities.scans.scanners.bandit.bandit import Bandit
from activities.scans.scanners.semgrep import Semgrep
from activities.scans.scanners.trivy.trivy import Trivy
from tests.corpus import record

Said = list[tuple[Path, Mapping[str, list[dict[str, Any]]]]]
"""Each file, and what was recorded of it."""


@cache
def _recording(tool: str) -> record.Recording:
    return record.recorded(tool)


class Replay:
    """Puts the report for a tree together from those of its files."""

    def __init__(self, tool: str) -> None:
        self.tool = tool

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Raises:
        OSError: nothing is recorded of a file; the scan has failed, and its reason says so.
        """
        said = list(self._said(target))
        (scratch / "report.json").write_text(json.dumps(_WRITERS[self.tool](said, target, self._version())))
        if self.tool == "trivy":
            (scratch / "sbom.json").write_text('{"bomFormat": "CycloneDX"}')
            (scratch / "sbom-spdx.json").write_text('{"spdxVersion": "SPDX-2.3"}')
        return Completed(0, b"")

    def _version(self) -> str:
        return str(_recording(self.tool)["version"])

    def _said(self, target: Path) -> Iterator[tuple[Path, Mapping[str, list[dict[str, Any]]]]]:
        known = _recording(self.tool)["files"]
        for path in files(target):
            if not record.concerns(self.tool, path) or path.name.startswith(("sluiceway.", ".git")):
                continue
            if (key := record.key(path)) not in known:
                fix = "add its text to tests/corpus/samples.py, and run python -m tests.corpus.record"
                raise OSError(f"nothing is recorded of {path.name}: {fix}")
            yield path, known[key]


def _bandit(said: Said, target: Path, version: str) -> dict[str, Any]:
    return {
        **{what: _named(said, what, "filename", str) for what in ("results", "errors")},
        "metrics": {"_totals": {}, **{str(path): {} for path, _ in said}},
    }


def _semgrep(said: Said, target: Path, version: str) -> dict[str, Any]:
    found = {"results": _named(said, "results", "path", str), "errors": []}
    return {**found, "version": version, "paths": {"scanned": [str(path) for path, _ in said]}}


def _trivy(said: Said, target: Path, version: str) -> dict[str, Any]:
    results = _named(said, "results", "Target", lambda path: path.relative_to(target).as_posix())
    return {"SchemaVersion": 2, "Trivy": {"Version": version}, "Results": results}


def _named(said: Said, what: str, field: str, name: Callable[[Path], str]) -> list[dict[str, Any]]:
    return [{**one, field: name(path)} for path, found in said for one in found[what]]


_WRITERS = {"bandit": _bandit, "semgrep": _semgrep, "trivy": _trivy}


@pytest.fixture
def recorded_scanners(monkeypatch: pytest.MonkeyPatch) -> None:
    """bandit, semgrep and trivy answer with what is recorded, wherever this process starts them."""
    for kind in (Bandit, Semgrep, Trivy):
        monkeypatch.setattr(kind, "run", Replay(kind.name).run)
