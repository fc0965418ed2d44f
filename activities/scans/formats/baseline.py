"""Reads findings of an earlier report, as written by `json_report.py`. It is untrusted: every value is checked."""

from __future__ import annotations

import json
from typing import Any

from domain.core.errors import SluicewayError
from domain.scans.findings.model import Finding, FindingKind, Severity, Source

MAX_BYTES = 200_000_000


def read(data: bytes, where: str) -> list[Finding]:
    """The findings.

    Raises:
        SluicewayError: SLW853, not a report of `sluiceway scan --format json`.
    """
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"it has {len(data):,} bytes, and at most {MAX_BYTES:,} are read")
        document = json.loads(data)
        if not isinstance(document, dict) or document.get("version") != 1:
            raise ValueError("its version is not supported")
        return [_finding(one) for one in document["findings"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        why = f"{type(wrong).__name__}: {wrong}"[:300]
        fix = "create one with: sluiceway scan --format json -o FILE"
        raise SluicewayError("SLW853", "this is not a baseline", where=where, why=why, fix=fix) from wrong


def _finding(one: dict[str, Any]) -> Finding:
    known = one["identity"]
    sources = tuple(Source(_text(each["tool"]), _text(each["rule"])) for each in one["tools"])
    return Finding(
        tool=sources[0].tool if sources else "",
        rule=_text(one["rule"]),
        kind=FindingKind(one["kind"]),
        severity=Severity(one["severity"]),
        message=_text(one["message"]),
        path=_text(one["path"]),
        line=int(one["line"]),
        end_line=int(one["end_line"]),
        cwe=_text(one["cwe"]),
        package=_text(one["package"]),
        fixed_in=_text(one["fixed_in"]),
        fingerprint=_text(one["fingerprint"]),
        code=_text(known["code"]),
        scope=_text(known["scope"]),
        context=tuple(_text(each) for each in known["context"]),
        resource=_text(known["resource"]),
        secret=_text(known["secret"]),
        aliases=tuple(_text(each) for each in known["aliases"]),
        sources=sources,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text"[:100])
    return value
