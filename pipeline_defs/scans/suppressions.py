"""Reads and checks suppression files: the shape first, then the rules of domain/scans/findings/suppressions.py."""

from __future__ import annotations

from collections.abc import Iterator

from domain.scans.findings.suppressions import Suppression, complaints
from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.reader import Kinds, Source, parse
from pipeline_defs.scans.suppression_model import SuppressionBlock, Suppressions

KINDS: Kinds = {"Suppressions": Suppressions}


def read(data: bytes, file: str) -> tuple[tuple[Suppression, ...], list[Diagnostic]]:
    """The readable entries, and shape errors of the rest. `lint` checks the rules."""
    parsed = parse(data, file, KINDS)
    if parsed.source is None:
        return (), list(parsed.diagnostics)
    return suppressions_of(parsed.source), list(parsed.diagnostics)


def suppressions_of(source: Source) -> tuple[Suppression, ...]:
    """The entries of a Suppressions document."""
    assert isinstance(source.document, Suppressions)
    return tuple(_suppression(one, at, source) for at, one in enumerate(source.document.suppressions))


def lint(source: Source) -> Iterator[Diagnostic]:
    """Entries that break a rule: without a reason, an owner, an approver or an expiry date."""
    for at, one in enumerate(suppressions_of(source)):
        for key, wrong in complaints(one):
            yield source.diagnostic("SLW309", wrong, ("suppressions", at, key))


def _suppression(one: SuppressionBlock, at: int, source: Source) -> Suppression:
    line = source.root.at(("suppressions", at)).line
    return Suppression(
        reason=one.reason,
        owner=one.owner,
        approver=one.approver,
        since=one.since,
        expires=one.expires,
        fingerprint=one.fingerprint,
        rule=one.rule,
        path=one.path,
        kind=one.kind,
        package=one.package,
        where=f"{source.file}:{line}",
    )
