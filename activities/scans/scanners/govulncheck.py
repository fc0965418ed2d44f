"""govulncheck: known vulnerabilities of Go modules with a reachable vulnerable function. trivy reports all others.

Source: go.dev/doc/security/vuln. It compiles nothing, but loads every package: one that does not load is missing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from activities.core import process
from activities.core.port import Completed
from activities.scans.advisories import govulndb
from activities.scans.advisories.cvss_vectors import base_score
from activities.scans.port import ScannerFailed, ScannerResult
from activities.scans.sandbox import MAX_REPORT_BYTES, digest_of, environment, files, relative
from domain.scans import advisories
from domain.scans.findings.model import Finding, FindingKind, Severity

_NOT_OURS = {"vendor", "testdata"}
MAX_SAID = 300
_GO = Path("/usr/local/go/bin/go")


class Govulncheck:
    """Runs once for each module below the target."""

    name = "govulncheck"
    canary = ("go.mod", "module example.org/canary\n\ngo 1.21\n", "")

    def __init__(self, tools: Path, database: Path | None = None) -> None:
        self._program = tools / "govulncheck" / "bin" / "govulncheck"
        self._database = database / govulndb.FOLDER if database else None

    def absent(self) -> str:
        """It also needs `go` and a database of its own."""
        if not self._program.exists():
            return "govulncheck is not installed: sluiceway tools install govulncheck"
        if not _go():
            return "go is not installed, but govulncheck needs it"
        if self._database is None or not (self._database / govulndb.INDEX).exists():
            return "there is no database of Go vulnerabilities; build one with `sluiceway db build`"
        return ""

    def digests(self) -> Mapping[str, str]:
        """The database is identified by its index file."""
        assert self._database
        return {"tool": digest_of([self._program]), "database": digest_of([self._database / govulndb.INDEX])}

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Runs module by module; keeps the first non-zero exit code."""
        completed = Completed(0, b"")
        for number, module in enumerate(_modules(target)):
            command = [
                *(str(self._program), "-C", str(module)),
                *("-db", f"file://{self._database}", "-format", "json", "./..."),
            ]
            env, cwd, said = _environment(scratch), scratch / "cwd", scratch / f"report-{number}.json"
            one = await process.run(command, cwd=cwd, env=env, timeout_s=timeout_s, key=key, stdout=said)
            failed = completed.exit_code or one.exit_code
            completed = replace(one, exit_code=failed, output=completed.output + one.output)
            if one.stopped:
                break
        return completed

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Paths are relative to the target, not to the module."""
        modules = _modules(target)
        version, date, found = "", "", []
        for number, module in enumerate(modules):
            said = list(_messages(scratch / f"report-{number}.json"))
            config = next((one["config"] for one in said if "config" in one), None)
            if config is None:
                break
            version = config.get("scanner_version") or version
            date = config.get("db_last_modified") or date
            found += [_moved(one, module, target) for one in _findings(said)]
        missing = ""
        if completed.exit_code:
            words = completed.output.decode("utf-8", "replace").split()
            missing = f"it exited with code {completed.exit_code}: {' '.join(words)[:MAX_SAID]}"
        return ScannerResult(version.removeprefix("v"), tuple(found), len(modules), len(modules), missing, date)


def _findings(said: list[dict[str, Any]]) -> Iterator[Finding]:
    """One for each vulnerability with a reachable vulnerable function."""
    entries = {one["osv"]["id"]: one["osv"] for one in said if "osv" in one}
    reached: dict[str, dict[str, Any]] = {}
    for one in said:
        if "finding" in one and one["finding"]["trace"][0].get("function"):
            reached.setdefault(one["finding"]["osv"], one["finding"])
    for name, finding in reached.items():
        weak = finding["trace"][0]
        place: dict[str, Any] = next((one["position"] for one in finding["trace"] if _inside(one)), {})
        entry = advisories.read(entries[name], base_score)
        function = ".".join(part for part in (weak.get("receiver", "").lstrip("*"), weak["function"]) if part)
        yield Finding(
            tool="govulncheck",
            rule=entry.id if entry else name,
            kind=FindingKind.VULNERABILITY,
            severity=entry.severity if entry else Severity.UNKNOWN,
            message=f"{entry.title if entry else name}: this code reaches {weak['package']}.{function}",
            path=place.get("filename", ""),
            line=int(place.get("line", 0)),
            package=f"pkg:golang/{weak['module']}@{weak.get('version', '')}",
            installed=weak.get("version", ""),
            fixed_in=finding.get("fixed_version", ""),
            url=f"https://pkg.go.dev/vuln/{name}",
            confidence="high",
            severity_source=entry.source if entry else "",
            aliases=tuple(dict.fromkeys((name, *(entry.aliases if entry else ())))),
        )


def _inside(frame: dict[str, Any]) -> bool:
    """Whether a frame is in the module itself: others name a version, or files below the module cache."""
    name = frame.get("position", {}).get("filename", "")
    return bool(name) and not frame.get("version") and not name.startswith(("/", "vendor/"))


def _moved(one: Finding, module: Path, target: Path) -> Finding:
    """The path relative to the scanned root."""
    return replace(one, path=relative(str(module / one.path), target)) if one.path else replace(one, path="go.mod")


def _modules(target: Path) -> list[Path]:
    every = (path.parent for path in files(target) if path.name == "go.mod")
    return [folder for folder in every if not _NOT_OURS & set(folder.relative_to(target).parts)]


def _messages(path: Path) -> Iterator[dict[str, Any]]:
    """Concatenated JSON objects.

    Raises:
        ScannerFailed: truncated or malformed.
    """
    if path.stat().st_size > MAX_REPORT_BYTES:
        raise ScannerFailed(f"its report has more than {MAX_REPORT_BYTES:,} bytes")
    text, decoder, at = path.read_text("utf-8"), json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        one, at = decoder.raw_decode(text, at)
        if not isinstance(one, dict):
            raise ScannerFailed("its report contains something that is not an object")
        yield one


def _go() -> str:
    return shutil.which("go") or (str(_GO) if _GO.exists() else "")


def _environment(scratch: Path) -> dict[str, str]:
    """Uses this machine's module cache or `vendor`; downloads and compiles nothing."""
    given = environment(scratch)
    modules = os.environ.get("GOMODCACHE") or str(Path.home() / "go" / "pkg" / "mod")
    return {
        **given,
        "PATH": f"{Path(_go()).parent}:{given['PATH']}",
        "GOENV": "off",
        "GOFLAGS": "",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
        "GOMODCACHE": modules,
        "GOCACHE": str(scratch / "home" / "go-build"),
    }
