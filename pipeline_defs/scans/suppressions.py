"""Files of suppressions, read and checked: shape first, then the rules of domain/scans/findings/suppressions.py."""

from __future__ import annotations

from collections.abc import Iterator

from domain.scans.findings.suppressions import Suppression, complaints
from pipeline_defs.core.diagnostics import Problem
from pipeline_defs.core.reader import Source, parse
from pipeline_defs.scans.suppression_model import Suppressions


def read(data: bytes, file: str) -> tuple[tuple[Suppression, ...], list[Problem]]:
    """Whatever is readable; each problem of the rest."""
    source, problems = parse(data, file)
    if source is None:
        return (), problems
    if not isinstance(source.document, Suppressions):
        return (), [*problems, source.problem("SLW206", "this is no file of suppressions", ("kind",))]
    return tuple(_suppression(source, at) for at in range(len(source.document.suppressions))), problems


def lint(source: Source) -> Iterator[Problem]:
    assert isinstance(source.document, Suppressions)
    for at in range(len(source.document.suppressions)):
        for key, wrong in complaints(_suppression(source, at)):
            yield source.problem("SLW309", wrong, ("suppressions", at, key))


def _suppression(source: Source, at: int) -> Suppression:
    assert isinstance(source.document, Suppressions)
    one = source.document.suppressions[at]
    line = source.root.at(("suppressions", at)).line
    return Suppression(
        one.reason,
        one.owner,
        one.approver,
        one.since,
        one.expires,
        one.fingerprint,
        one.rule,
        one.path,
        one.kind,
        one.package,
        f"{source.file}:{line}",
    )
