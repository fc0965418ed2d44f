"""A supplier's statements on vulnerabilities in a product: OpenVEX (github.com/openvex/spec, version 0.2.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

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

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this vulnerability (or an alias) in this package."""
        known = {finding.rule, *finding.aliases}
        return bool(self.names & known) and any(_same(package, finding.package) for package in self.packages)


def read(document: Any) -> tuple[Statement, ...]:
    """The statements about packages.

    Raises:
        ValueError: not an OpenVEX document, or a `not_affected` without a reason.
    """
    if not isinstance(document, Mapping) or not str(document.get("@context", "")).startswith(CONTEXT):
        raise ValueError("it is not an OpenVEX document")
    statements = document.get("statements")
    if not isinstance(statements, list):
        raise ValueError("it has no statements")
    author = str(document.get("author") or "unknown")[:200]
    return tuple(_statement(one, author) for one in statements)


def _statement(one: Any, author: str) -> Statement:
    if not isinstance(one, Mapping):
        raise ValueError("a statement is not an object")
    told = one.get("vulnerability")
    told = {"name": told} if isinstance(told, str) else told
    if not isinstance(told, Mapping) or not told.get("name"):
        raise ValueError("a statement does not name a vulnerability")
    names = frozenset(str(name) for name in (told["name"], *(told.get("aliases") or ())))
    status = str(one.get("status", ""))
    reason = str(one.get("justification") or one.get("impact_statement") or "")
    if status == "not_affected" and not reason:
        raise ValueError(f"{told['name']} is not_affected, without a justification")
    if one.get("justification") and one["justification"] not in JUSTIFICATIONS:
        raise ValueError(f"'{one['justification']}' is not a justification of the OpenVEX specification")
    packages = tuple(package for product in one.get("products") or () for package in _packages(product))
    return Statement(names, packages, status, reason[:500], author)


def _packages(product: Any) -> tuple[str, ...]:
    """A product, or its subcomponents."""
    if isinstance(product, str):
        return (product,)
    if not isinstance(product, Mapping):
        return ()
    inner = tuple(package for one in product.get("subcomponents") or () for package in _packages(one))
    identifiers = product.get("identifiers")
    purl = identifiers.get("purl") if isinstance(identifiers, Mapping) else None
    return inner or tuple(str(name) for name in (purl or product.get("@id"),) if name)


def _same(package: str, found: str) -> bool:
    """With a version only that one; without, every version."""
    plain, known = package.partition("?")[0], found.partition("?")[0]
    return bool(plain) and (plain == known or (unversioned(plain) == plain and plain == unversioned(known)))


def apply(findings: Sequence[Finding], statements: Sequence[Statement]) -> tuple[Finding, ...]:
    """Marks unaffected and fixed vulnerabilities as SUPPRESSED, with who says so and why."""
    made = []
    for finding in findings:
        ends = (
            one
            for one in statements
            if finding.kind is FindingKind.VULNERABILITY and one.status in _ENDS and one.covers(finding)
        )
        said = next(ends, None)
        if said is None or finding.state is State.SUPPRESSED:
            made.append(finding)
            continue
        why = f"{said.status}: {said.reason or 'a version without it'} (VEX of {said.author})"
        made.append(replace(finding, state=State.SUPPRESSED, why=why))
    return tuple(made)
