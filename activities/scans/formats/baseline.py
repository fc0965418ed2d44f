"""Reads findings of an earlier report, as written by `json_report.py`. It is untrusted: every value is checked."""

from __future__ import annotations

import json

from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.scans.findings.model import Finding, FindingKind, Severity, Source, Step

MAX_BYTES = 200_000_000
VERSION = 1
"""Of the format, as `json_report.py` writes it."""


def read(data: bytes, where: str) -> list[Finding]:
    """The findings.

    Raises:
        SluicewayError: SLW853, not a report of `sluiceway scan --format json`.
    """
    try:
        return [_finding(one) for one in _document(data).need_list("findings")]
    except (ValueError, RecursionError) as wrong:
        fix = "create one with: sluiceway scan --format json -o FILE"
        raise SluicewayError("SLW853", "this is not a baseline", where=where, why=f"{wrong}"[:300], fix=fix) from wrong


def _document(data: bytes) -> Node:
    """Raises:
    ValueError: it is not in our format; the text says what it is instead.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has {len(data):,} bytes, and at most {MAX_BYTES:,} are read")
    if not data.strip():
        raise ValueError("the file is empty")
    try:
        document = Node(json.loads(data))
    except ValueError as wrong:
        raise ValueError(f"it is not JSON: {wrong}") from wrong
    if "runs" in document.object():
        raise ValueError("it is SARIF, which does not say enough of a finding to know it again; the JSON report does")
    if (version := document["version"].value) != VERSION:
        is_ours = isinstance(version, int) and "findings" in document.object()
        raise ValueError(
            f"it is of version {version} of the format, and this program reads version {VERSION}"
            if is_ours
            else "it is JSON of something else"
        )
    return document


def _step(one: Node) -> Step:
    return Step(one.need_text("path"), one.need_whole("line"), one.need_text("text"))


def _finding(one: Node) -> Finding:
    known = one.need("identity")
    sources = tuple(Source(each.need_text("tool"), each.need_text("rule")) for each in one.need_list("tools"))
    return Finding(
        tool=sources[0].tool if sources else "",
        rule=one.need_text("rule"),
        kind=FindingKind(one.need_text("kind")),
        severity=Severity(one.need_text("severity")),
        severity_source=one["severity_source"].text(),
        message=one.need_text("message"),
        path=one.need_text("path"),
        line=one.need_whole("line"),
        end_line=one.need_whole("end_line"),
        cwe=one.need_text("cwe"),
        package=one.need_text("package"),
        fixed_in=one.need_text("fixed_in"),
        fingerprint=one.need_text("fingerprint"),
        code=known.need_text("code"),
        scope=known.need_text("scope"),
        context=tuple(each.need_text() for each in known.need_list("context")),
        resource=known.need_text("resource"),
        secret=known.need_text("secret"),
        aliases=tuple(each.need_text() for each in known.need_list("aliases")),
        trace=tuple(map(_step, one["trace"])),
        sources=sources,
    )
