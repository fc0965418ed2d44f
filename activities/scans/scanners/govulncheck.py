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

from activities.core import process
from activities.core.port import Completed
from activities.scans.advisories import govulndb
from activities.scans.advisories.cvss_vectors import base_score
from activities.scans.port import ScannerFailed, ScannerResult
from activities.scans.running.sandbox import MAX_REPORT_BYTES, digest_of, environment, files, relative
from domain.core.documents import Node
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
        version, date, found, loaded = "", "", [], set()
        for number, module in enumerate(modules):
            said = list(_messages(scratch / f"report-{number}.json"))
            config = next((one["config"] for one in said if "config" in one.object()), None)
            if config is None:
                break
            version = config["scanner_version"].text() or version
            date = config["db_last_modified"].text() or date
            loaded.add(_name(module, target))
            found += [_moved(one, module, target) for one in _findings(said)]
        missing = ""
        if completed.exit_code:
            words = completed.output.decode("utf-8", "replace").split()
            missing = f"it exited with code {completed.exit_code}: {' '.join(words)[:MAX_SAID]}"
        return ScannerResult(
            version=version.removeprefix("v"),
            findings=tuple(found),
            looked=frozenset(loaded),
            expected=frozenset(_name(module, target) for module in modules),
            unit="module",
            missing=missing,
            database_date=date,
        )


def _findings(said: list[Node]) -> Iterator[Finding]:
    """One for each vulnerability with a reachable vulnerable function."""
    entries = {one.need_text("osv", "id"): one.need_object("osv") for one in said if "osv" in one.object()}
    reached: dict[str, Node] = {}
    for one in said:
        if "finding" in one.object() and _weak(one["finding"])["function"]:
            reached.setdefault(one.need_text("finding", "osv"), one["finding"])
    for name, finding in reached.items():
        weak = _weak(finding)
        place = next((one["position"] for one in finding["trace"] if _inside(one)), Node())
        if name not in entries:
            raise ScannerFailed(f"its report does not describe {name}")
        entry = advisories.read(entries[name], base_score)
        version = weak["version"].text()
        function = ".".join(part for part in (weak["receiver"].text().lstrip("*"), weak["function"].text()) if part)
        yield Finding(
            tool="govulncheck",
            rule=entry.id if entry else name,
            kind=FindingKind.VULNERABILITY,
            severity=entry.severity if entry else Severity.UNKNOWN,
            message=f"{entry.title if entry else name}: this code reaches {weak.need_text('package')}.{function}",
            path=place["filename"].text(),
            line=place["line"].whole(),
            package=f"pkg:golang/{weak.need_text('module')}@{version}",
            installed=version,
            fixed_in=finding["fixed_version"].text(),
            url=f"https://pkg.go.dev/vuln/{name}",
            confidence="high",
            severity_source=entry.source if entry else "",
            aliases=tuple(dict.fromkeys((name, *(entry.aliases if entry else ())))),
        )


def _weak(finding: Node) -> Node:
    """The frame of the weak function itself: the first of the trace.

    Raises:
        ScannerFailed: there is no trace, which is not the same as a function that is not reached.
    """
    trace = finding.need_list("trace")
    if not trace:
        raise ScannerFailed("its report has a finding with an empty trace")
    return trace[0]


def _inside(frame: Node) -> bool:
    """Whether a frame is in the module itself: others name a version, or files below the module cache."""
    name = frame.at("position", "filename").text()
    return bool(name) and not frame["version"] and not name.startswith(("/", "vendor/"))


def _name(module: Path, target: Path) -> str:
    return (module / "go.mod").relative_to(target).as_posix()


def _moved(one: Finding, module: Path, target: Path) -> Finding:
    """The path relative to the scanned root."""
    return replace(one, path=relative(str(module / one.path), target)) if one.path else replace(one, path="go.mod")


def _modules(target: Path) -> list[Path]:
    every = (path.parent for path in files(target) if path.name == "go.mod")
    return [folder for folder in every if not _NOT_OURS & set(folder.relative_to(target).parts)]


def _messages(path: Path) -> Iterator[Node]:
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
        yield Node(one)


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
