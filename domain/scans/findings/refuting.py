"""Findings of tools that look at single lines, where a tool that follows values has found that none does harm.

bandit and our semgrep rules report a statement for its shape. Where the analysis of data flow has seen every value that
gets there, and each is a constant or was checked, the statement is no finding. It is kept beside them, for readers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from domain.core.values import number
from domain.scans.dataflow.models.rules import NOT_FOLLOWED
from domain.scans.findings.cwe import cwe_of, family
from domain.scans.findings.model import Cleared, Finding, FindingKind, ScanState, ToolReport

TOOLS = ("bandit", "semgrep")
"""Tools that judge by shape."""
MAX_LINES = 50
"""So many lines of a finding are compared."""


def told(gone: Sequence[Finding]) -> tuple[str, ...]:
    """A note for people; none without a refuted finding."""
    if not gone:
        return ()
    tools = " and ".join(sorted({one.tool for one in gone}))
    words = f"{number(len(gone), 'finding')} of {tools} refuted: every value that gets there was followed"
    return (f"{words}, and is a constant or was checked, or chance makes no secret there",)


def refuted(findings: Iterable[Finding], reports: Sequence[ToolReport]) -> tuple[list[Finding], list[Finding]]:
    """The findings that stay, and those that are refuted; nothing is refuted by an imported report."""
    own = [report for report in reports if not report.imported]
    followed = any(map(_has_seen_all, own))
    clear = _lines(one for report in own for one in report.cleared)
    stay: list[Finding] = []
    gone: list[Finding] = []
    for one in findings:
        mere = followed and one.tool == "bandit" and (one.rule in _IMPORTS or _is_play(one))
        (gone if mere or _is_clear(one, clear) else stay).append(one)
    return stay, gone


_IMPORTS = frozenset({"B403", "B404", "B405", "B406", "B407", "B408", "B409"})
"""bandit's rules about an import alone. Its rules about calls of these modules say what an import does not."""
_CHANCE = "B311"
"""bandit's rule about every call of the module `random`. What becomes of its values is followed."""
_SECRET = re.compile(
    r"(?i)token|secret|passw|passphrase|pwd|otp|nonce|salt|session|cookie|csrf|captcha|coupon|voucher|invit|reset|verif"
    r"|confirm|activat|auth|login|credential|sign|crypt|key|code|pin\b|hash|uuid|ident|\bid\b|_id|unique|remember|user"
)
"""Names of what must not be guessed, in the statement or around it."""
_TEXT = re.compile(r"\b(?:str|hex|bytes|chr|join|randbytes|getrandbits|ascii_\w+|hexdigits|digits|letters|urandom)\b")
"""Ways to make a text or bits of it, as secrets are."""
CALLS_SEEN = "dataflow"
"""The tool that has looked at every call of a file."""


def _has_seen_all(report: ToolReport) -> bool:
    """It has followed every file and function."""
    whole = report.tool == CALLS_SEEN and report.state is ScanState.COMPLETE
    return whole and not any(one.rule == NOT_FOLLOWED for one in report.findings)


def _is_play(one: Finding) -> bool:
    """A call of `random` in a statement without a sign that something must not be guessed; secrets were followed."""
    if one.rule != _CHANCE or one.imported or one.cell or one.member or not one.code:
        return False
    return not _SECRET.search(f"{one.code} {one.scope}") and not _TEXT.search(one.code)


def _is_clear(one: Finding, clear: dict[tuple[str, str], frozenset[int]]) -> bool:
    if one.tool not in TOOLS or one.kind is not FindingKind.SAST or one.imported or one.cell or one.member:
        return False
    lines = clear.get((one.path, family(cwe_of(one.rule, one.cwe))), frozenset())
    last = max(one.line, min(one.end_line, one.line + MAX_LINES))
    return not lines.isdisjoint(range(one.line, last + 1))


def _lines(cleared: Iterable[Cleared]) -> dict[tuple[str, str], frozenset[int]]:
    found: dict[tuple[str, str], frozenset[int]] = {}
    for one in cleared:
        key = (one.path, family(one.cwe))
        found[key] = found.get(key, frozenset()) | frozenset(one.lines)
    return found
