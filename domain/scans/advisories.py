"""Advisories in the Open Source Vulnerability format (ossf.github.io/osv-schema), ready for a scanner's database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

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
"""OSV ecosystem names in lower case, to trivy's."""
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
    """One package of an advisory, with its vulnerable and its patched versions."""

    ecosystem: str
    package: str
    vulnerable: tuple[str, ...]
    """Ranges, such as `>=1.0, <1.4.2`."""
    patched: tuple[str, ...]


class CvssVersion(StrEnum):
    """CVSS versions as named in OSV; the first one that an advisory has rates its severity."""

    V3 = "CVSS_V3"
    V4 = "CVSS_V4"
    V2 = "CVSS_V2"


BaseScore = Callable[[CvssVersion, str], float]
"""A vector to its score, 0 to 10; raises ValueError for what is not a vector of that version."""


@dataclass(frozen=True)
class CvssScore:
    """One CVSS rating: base score from 0 to 10, with its vector."""

    version: CvssVersion
    vector: str
    score: float

    @property
    def severity(self) -> Severity:
        """The rating scale of FIRST.org for versions 3 and 4; version 2 has no critical (NVD's scale)."""
        worst = Severity.HIGH if self.version is CvssVersion.V2 else Severity.CRITICAL
        return min(rating(self.score), worst, key=lambda one: one.rank)


@dataclass(frozen=True)
class Advisory:
    """A published vulnerability from any database; fields are empty where it has no value."""

    id: str
    """The CVE id, if there is one."""
    source: str
    """The publisher: ghsa, govulndb, osv, or as in the file."""
    aliases: tuple[str, ...] = ()
    title: str = ""
    text: str = ""
    severity: Severity = Severity.UNKNOWN
    scores: tuple[CvssScore, ...] = ()
    """The highest score of each version, in the order of `CvssVersion`."""
    cwes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    affected: tuple[Affected, ...] = field(default=())


def read(entry: Mapping[str, Any], base_score: BaseScore) -> Advisory | None:
    """Parses an OSV entry; None when it was withdrawn, or affects no supported ecosystem.

    Raises:
        ValueError: the entry is malformed.
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
    scores = _scores(entry, affected, base_score)
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
        word or (scores[0].severity if scores else Severity.UNKNOWN),
        scores,
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
    """Events come in order: introduced, then fixed or last affected, repeatedly."""
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


def _scores(entry: Mapping[str, Any], affected: list[Any], base_score: BaseScore) -> tuple[CvssScore, ...]:
    """The scores; malformed vectors are skipped."""
    lists = [entry.get("severity"), *(each.get("severity") for each in affected if isinstance(each, Mapping))]
    best: dict[CvssVersion, CvssScore] = {}
    for one in (one for each in lists if isinstance(each, list) for one in each):
        if not isinstance(one, Mapping) or one.get("type") not in tuple(CvssVersion):
            continue
        version, vector = CvssVersion(one["type"]), str(one.get("score"))
        try:
            score = CvssScore(version, vector, base_score(version, vector))
        except ValueError:
            continue
        if score.score > 0:  # a malformed severity does not invalidate the advisory
            best[version] = max(best.get(version, score), score, key=lambda each: each.score)
    return tuple(best[version] for version in CvssVersion if version in best)


def rating(score: float) -> Severity:
    """The qualitative rating scale of CVSS 3 and 4 (sections 5 and 6 of their specifications)."""
    if score >= 9:
        return Severity.CRITICAL
    if score >= 7:
        return Severity.HIGH
    if score >= 4:
        return Severity.MEDIUM
    return Severity.LOW if score > 0 else Severity.INFO


def normal(ecosystem: str, name: str) -> str:
    """A package's name, normalised as in its ecosystem."""
    if ecosystem == "pip":
        return re.sub(r"[-_.]+", "-", name).lower()
    return name.lower() if ecosystem == "npm" else name
