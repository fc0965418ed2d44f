"""A supplier's statements on vulnerabilities in a product: OpenVEX (github.com/openvex/spec, version 0.2.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.core.documents import Node
from domain.core.values import Json
from domain.scans.findings.fingerprint import unversioned
from domain.scans.findings.model import Finding, FindingKind, State

FILE = "sluiceway.vex.json"
"""In the root of the scanned folder."""
CONTEXT = "https://openvex.dev/ns"
JUSTIFICATIONS = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)
_ENDS = ("not_affected", "fixed")


@dataclass(frozen=True)
class Statement:
    """A VEX statement: whether a vulnerability affects packages."""

    names: frozenset[str]
    """Ids of the vulnerability."""
    packages: tuple[str, ...]
    """Package URLs, with or without version."""
    status: str
    reason: str
    author: str
    since: datetime = datetime.min.replace(tzinfo=UTC)
    """When it was made; a later one about the same vulnerability and package takes its place."""

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this vulnerability (or an alias) in this package."""
        known = {finding.rule, *finding.aliases}
        return bool(self.names & known) and any(_same(package, finding.package) for package in self.packages)


def read(document: Json) -> tuple[Statement, ...]:
    """The statements about packages.

    Raises:
        ValueError: not an OpenVEX document, a `not_affected` without a reason, or a time that is none.
    """
    told = Node(document)
    if not told["@context"].text().startswith(CONTEXT):
        raise ValueError("it is not an OpenVEX document")
    if not isinstance(told["statements"].value, list):
        raise ValueError("it has no statements")
    author = (told["author"].text() or "unknown")[:200]
    return tuple(_statement(one, author, told["timestamp"]) for one in told["statements"])


def _statement(one: Node, author: str, since: Node) -> Statement:
    if not isinstance(one.value, Mapping):
        raise ValueError("a statement is not an object")
    told = one["vulnerability"]
    name = told.value if isinstance(told.value, str) else told["name"].text()
    if not name:
        raise ValueError("a statement does not name a vulnerability")
    status, justification = one["status"].text(), one["justification"]
    reason = justification.text() or one["impact_statement"].text()
    if status == "not_affected" and not reason:
        raise ValueError(f"{name} is not_affected, without a justification")
    if justification and justification.value not in JUSTIFICATIONS:
        raise ValueError(f"'{justification.value}' is not a justification of the OpenVEX specification")
    packages = tuple(package for product in one["products"] for package in _packages(product))
    names = frozenset({name, *told["aliases"].texts()})
    return Statement(names, packages, status, reason[:500], author, _time(one["timestamp"] or since))


def _time(node: Node) -> datetime:
    """A statement without a time has that of its document; one without any is the oldest."""
    if not node:
        return datetime.min.replace(tzinfo=UTC)
    told = datetime.fromisoformat(node.text())
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _packages(product: Node) -> tuple[str, ...]:
    """A product, or its subcomponents."""
    if isinstance(product.value, str):
        return (product.value,)
    inner = tuple(package for one in product["subcomponents"] for package in _packages(one))
    name = product.at("identifiers", "purl").text() or product["@id"].text()
    return inner or ((name,) if name else ())


def _same(package: str, found: str) -> bool:
    """With a version only that one; without, every version."""
    plain, known = package.partition("?")[0], found.partition("?")[0]
    return bool(plain) and (plain == known or (unversioned(plain) == plain and plain == unversioned(known)))


def apply(findings: Sequence[Finding], statements: Sequence[Statement]) -> tuple[Finding, ...]:
    """Marks unaffected and fixed vulnerabilities as SUPPRESSED, with who says so and why.

    The latest statement counts, of two at one time the one further down: a supplier takes a word back by a new one.
    """
    made = []
    latest_first = sorted(statements, key=lambda one: one.since)[::-1]
    for finding in findings:
        said = next((one for one in latest_first if one.covers(finding)), None)
        if (
            said is None
            or said.status not in _ENDS
            or finding.kind is not FindingKind.VULNERABILITY
            or finding.state is State.SUPPRESSED
        ):
            made.append(finding)
            continue
        why = f"{said.status}: {said.reason or 'a version without it'} (VEX of {said.author})"
        made.append(replace(finding, state=State.SUPPRESSED, why=why))
    return tuple(made)
