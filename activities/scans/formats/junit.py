"""JUnit XML, for systems that show nothing else: a test case per finding and per incomplete tool."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from domain.scans.findings.model import Finding, ScanReport, ScanState, State

_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, not even escaped."""


def write(report: ScanReport) -> str:
    """As XML text. Suppressed findings and skipped tools are skipped cases; all other findings are failures."""
    cases = [_tool(tool.tool, tool.state, tool.reason) for tool in report.tools]
    cases += [_case(one) for one in report.findings]
    bad = sum("<failure" in case or "<error" in case for case in cases)
    head = f'<testsuite name="sluiceway scan" tests="{len(cases)}" failures="{bad}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>", ""])


def _case(one: Finding) -> str:
    name = _attribute(f"{one.rule} {one.path}:{one.line}")
    if one.state is State.SUPPRESSED:
        inner = f"<skipped message={_attribute(one.why)}/>"
    else:
        text = escape(_clean(f"{one.message}\n{one.path}:{one.line}\n{one.fingerprint}"))
        said = _attribute(f"{one.state}: {one.message}")
        inner = f"<failure type={_attribute(one.severity)} message={said}>{text}</failure>"
    return f"  <testcase classname={_attribute(one.kind)} name={name}>{inner}</testcase>"


def _tool(name: str, state: ScanState, reason: str) -> str:
    if state is ScanState.COMPLETE:
        inner = ""
    else:
        word = "skipped" if state is ScanState.SKIPPED else "error"
        inner = f"<{word} message={_attribute(f'{state}: {reason}')}/>"
    return f'  <testcase classname="scanner" name={_attribute(name)}>{inner}</testcase>'


def _clean(text: str) -> str:
    return _CONTROL.sub("?", text)


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))
