"""What `--explain NAME` tells: of a rule, a page, or a finding by the start of its fingerprint."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.core.errors import SluicewayError
from domain.scans.findings.model import Finding
from domain.scans.rules import lookup, pages

_FINGERPRINT = re.compile(r"[0-9a-f]{4,64}")
SEVERAL = 10
"""So many findings are listed when a name fits several."""


def explained(name: str, findings: Sequence[Finding]) -> str:
    """The text; `findings` are those of the last scan.

    Raises:
        SluicewayError: SLW890, nothing has this name; the message has near ones. SLW892, several findings begin so.
    """
    if page := lookup.by_name(name):
        return pages.told(page)
    wanted, found = name.strip().lower(), beginning(name, findings)
    if len({one.fingerprint for one in found}) > 1:
        raise SluicewayError(
            "SLW892",
            f"{len(found)} findings begin with '{wanted}'",
            why="; ".join(map(_line, found[:SEVERAL])),
            fix="give more of the fingerprint",
        )
    found = found or [one for one in findings if one.rule.lower() == wanted][:1]
    if not found:
        raise SluicewayError("SLW890", f"nothing is known about '{name}'", why=_near(name, findings), fix=_FIX)
    page = lookup.of(found[0])
    return pages.told(page, found[0]) if page else pages.without_page(found[0])


def beginning(start: str, findings: Sequence[Finding]) -> list[Finding]:
    """Findings whose fingerprint begins so; none, if that is too short or no fingerprint."""
    wanted = start.strip().lower()
    return [one for one in findings if _FINGERPRINT.fullmatch(wanted) and one.fingerprint.startswith(wanted)]


_FIX = "use a rule of docs/rules/README.md, or the start of a fingerprint of the last scan"


def _near(name: str, findings: Sequence[Finding]) -> str:
    close = lookup.near(name, {one.rule for one in findings})
    return f"similar names: {', '.join(close)}" if close else "no rule or finding has a similar name"


def _line(finding: Finding) -> str:
    return " ".join(f"{finding.fingerprint} {finding.severity} {finding.path}:{finding.line} {finding.rule}".split())
