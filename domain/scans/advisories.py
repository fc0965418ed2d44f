"""Advisories in the Open Source Vulnerability format (ossf.github.io/osv-schema), ready for a scanner's database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.scans import cvss
from domain.scans.findings.model import Severity

ECOSYSTEMS = {
    "pypi": "pip",
    "npm": "npm",
    "go": "go",
    "maven": "maven",
    "rubygems": "rubygems",
    "crates.io": "cargo",
    "packagist": "composer",
    "nuget": "nuget",
    "hex": "erlang",
    "pub": "pub",
    "swifturl": "swift",
}
"""OSV's names of ecosystems, in small letters, to trivy's."""
_WORDS = {
    "LOW": Severity.LOW,
    "MODERATE": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}
MAX_TEXT = 2_000
MAX_LINKS = 10


@dataclass(frozen=True)
class Affected:
    ecosystem: str
    package: str
    vulnerable: tuple[str, ...]
    """Ranges, such as `>=1.0, <1.4.2`."""
    patched: tuple[str, ...]


@dataclass(frozen=True)
class Advisory:
    id: str
    """The CVE where there is one."""
    source: str
    """Whose advisory: ghsa, govulndb, osv, or what the file says."""
    aliases: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    severity: Severity = Severity.UNKNOWN
    vector: str = ""
    score: float = 0.0
    cwes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    affected: tuple[Affected, ...] = field(default=())


def read(entry: Mapping[str, Any]) -> Advisory | None:
    """One entry; None when it was withdrawn, or affects nothing that is known here.

    Raises:
        ValueError: it is no OSV entry.
    """
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
        raise ValueError("it has no id")
    affected = entry.get("affected")
    if entry.get("withdrawn") or not isinstance(affected, list):
        return None
    found = tuple(one for each in affected if isinstance(each, Mapping) for one in _affected(each))
    if not found:
        return None
    ids = [entry["id"], *(one for one in entry.get("aliases") or () if isinstance(one, str))]
    chosen = next((one for one in ids if one.startswith("CVE-")), ids[0])
    vector, score = _scored(entry, affected)
    own = entry.get("database_specific")
    own = own if isinstance(own, Mapping) else {}
    word = _WORDS.get(str(own.get("severity", "")).upper())
    details = str(entry.get("details") or "")
    return Advisory(
        chosen,
        _source(entry["id"]),
        tuple(sorted({*ids} - {chosen})),
        str(entry.get("summary") or details.partition("\n")[0])[:200],
        details[:MAX_TEXT],
        word or (cvss.severity(score) if vector else Severity.UNKNOWN),
        vector,
        score,
        tuple(str(one) for one in own.get("cwe_ids") or ())[:MAX_LINKS],
        tuple(str(one["url"]) for one in entry.get("references") or () if isinstance(one, Mapping) and "url" in one)[
            :MAX_LINKS
        ],
        _time(entry.get("published")),
        _time(entry.get("modified")),
        found,
    )


def _source(id_: str) -> str:
    if id_.startswith("GHSA-"):
        return "ghsa"
    return "govulndb" if id_.startswith("GO-") else "osv"


def _time(value: object) -> str:
    return str(value).replace(" ", "T").replace("+00:00", "Z") if value else ""


def _affected(each: Mapping[str, Any]) -> Iterator[Affected]:
    package = each.get("package")
    if not isinstance(package, Mapping):
        return
    ecosystem = ECOSYSTEMS.get(str(package.get("ecosystem", "")).lower().partition(":")[0])
    name = str(package.get("name", ""))
    if not ecosystem or not name:
        return
    vulnerable: list[str] = []
    patched: list[str] = []
    for one in each.get("ranges") or ():
        if isinstance(one, Mapping) and one.get("type") != "GIT":
            _ranges(one.get("events") or (), vulnerable, patched)
    if not vulnerable:
        vulnerable = [f"={version}" for version in each.get("versions") or ()]
    if vulnerable:
        yield Affected(
            ecosystem, normal(ecosystem, name), tuple(dict.fromkeys(vulnerable)), tuple(dict.fromkeys(patched))
        )


def _ranges(events: Any, vulnerable: list[str], patched: list[str]) -> None:
    """Events are in order: introduced, then fixed or last affected, again and again."""
    since: str | None = None
    for event in events:
        if not isinstance(event, Mapping):
            continue
        if "introduced" in event:
            if since is not None:
                vulnerable.append(f">={since}")
            since = str(event["introduced"])
        elif since is not None and "fixed" in event:
            vulnerable.append(f">={since}, <{event['fixed']}")
            patched.append(str(event["fixed"]))
            since = None
        elif since is not None and "last_affected" in event:
            vulnerable.append(f">={since}, <={event['last_affected']}")
            since = None
    if since is not None:
        vulnerable.append(f">={since}")


def _scored(entry: Mapping[str, Any], affected: list[Any]) -> tuple[str, float]:
    """The vector with the highest score that can be read."""
    lists = [entry.get("severity"), *(each.get("severity") for each in affected if isinstance(each, Mapping))]
    best = ("", 0.0)
    for one in (one for each in lists if isinstance(each, list) for one in each):
        if isinstance(one, Mapping) and one.get("type") == "CVSS_V3":
            try:
                score = cvss.base_score(str(one.get("score")))
            except ValueError:
                continue
            best = max(best, (str(one["score"]), score), key=lambda pair: pair[1])
    return best


def normal(ecosystem: str, name: str) -> str:
    """A package's name as its ecosystem compares it."""
    if ecosystem == "pip":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name.lower() if ecosystem == "npm" else name
