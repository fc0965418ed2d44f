"""Reads the file of assigned findings."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.reader import Kinds, Source, parse
from pipeline_defs.scans.owner_model import FindingOwners

KINDS: Kinds = {"FindingOwners": FindingOwners}


def read(data: bytes, file: str) -> dict[str, str]:
    """Fingerprint to owner; empty when the file cannot be read. The last entry of a finding counts."""
    source = parse(data, file, KINDS).source
    if source is None:
        return {}
    assert isinstance(source.document, FindingOwners)
    return {one.fingerprint: one.owner for one in source.document.owners}


def lint(source: Source) -> Iterator[Diagnostic]:
    """A finding that is assigned twice."""
    assert isinstance(source.document, FindingOwners)
    seen: set[str] = set()
    for at, one in enumerate(source.document.owners):
        if one.fingerprint in seen:
            yield source.diagnostic("SLW309", f"{one.fingerprint} is assigned twice", ("owners", at, "fingerprint"))
        seen.add(one.fingerprint)
