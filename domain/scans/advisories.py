"""Advisories in the Open Source Vulnerability format (ossf.github.io/osv-schema), ready for a scanner's database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from domain.core.documents import Node
from domain.core.values import Json
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


@dataclass(frozen=True, kw_only=True)
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


def read(entry: Json, base_score: BaseScore) -> Advisory | None:
    """Parses an OSV entry; None when it was withdrawn, or affects no supported ecosystem.

    Raises:
        ValueError: the entry is malformed.
    """
    told = Node(entry)
    id_ = told["id"].value
    if not isinstance(id_, str):
        raise ValueError("it has no id")
    if told["withdrawn"]:
        return None
    found = tuple(one for each in told["affected"] for one in _affected(each))
    if not found:
        return None
    ids = [id_, *told["aliases"].texts()]
    chosen = next((one for one in ids if one.startswith("CVE-")), ids[0])
    scores = _scores(told, base_score)
    own = told["database_specific"]
    word = _WORDS.get(own["severity"].text().upper())
    details = told["details"].text()
    return Advisory(
        id=chosen,
        source=_source(id_),
        aliases=tuple(sorted({*ids} - {chosen})),
        title=(told["summary"].text() or details.partition("\n")[0])[:200],
        text=details[:MAX_TEXT],
        severity=word or (scores[0].severity if scores else Severity.UNKNOWN),
        scores=scores,
        cwes=tuple(one.text() for one in own["cwe_ids"])[:MAX_LINKS],
        references=tuple(one["url"].text() for one in told["references"] if one["url"])[:MAX_LINKS],
        published=_time(told["published"]),
        modified=_time(told["modified"]),
        affected=found,
    )


def _source(id_: str) -> str:
    if id_.startswith("GHSA-"):
        return "ghsa"
    return "govulndb" if id_.startswith("GO-") else "osv"


def _time(value: Node) -> str:
    return value.text().replace(" ", "T").replace("+00:00", "Z")


def _affected(each: Node) -> Iterator[Affected]:
    package = each["package"]
    ecosystem = ECOSYSTEMS.get(package["ecosystem"].text().lower().partition(":")[0])
    name = package["name"].text()
    if not ecosystem or not name:
        return
    vulnerable: list[str] = []
    patched: list[str] = []
    for one in each["ranges"]:
        if one["type"].value != "GIT":
            _ranges(one["events"], vulnerable, patched)
    if not vulnerable:
        vulnerable = [f"={version.text()}" for version in each["versions"]]
    if vulnerable:
        yield Affected(
            ecosystem, normal(ecosystem, name), tuple(dict.fromkeys(vulnerable)), tuple(dict.fromkeys(patched))
        )


def _ranges(events: Node, vulnerable: list[str], patched: list[str]) -> None:
    """Events come in order: introduced, then fixed or last affected, repeatedly."""
    since: str | None = None
    for event in events:
        said = event.object()
        if "introduced" in said:
            if since is not None:
                vulnerable.append(f">={since}")
            since = event["introduced"].text()
        elif since is not None and "fixed" in said:
            fixed = event["fixed"].text()
            vulnerable.append(f">={since}, <{fixed}")
            patched.append(fixed)
            since = None
        elif since is not None and "last_affected" in said:
            vulnerable.append(f">={since}, <={event['last_affected'].text()}")
            since = None
    if since is not None:
        vulnerable.append(f">={since}")


def _scores(entry: Node, base_score: BaseScore) -> tuple[CvssScore, ...]:
    """The scores; malformed vectors are skipped."""
    lists = [entry["severity"], *(each["severity"] for each in entry["affected"])]
    best: dict[CvssVersion, CvssScore] = {}
    for one in (one for each in lists for one in each):
        kind = one["type"].text()
        if kind not in tuple(CvssVersion):
            continue
        version, vector = CvssVersion(kind), one["score"].text()
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
