"""JUnit XML, for systems that show nothing else: a test case per finding and per incomplete tool."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from domain.core import xml_text
from domain.scans.findings.model import Finding, ScanReport, ScanState, State
from domain.scans.findings.remarks import UNSEARCHED, remarks, without_database


def write(report: ScanReport) -> str:
    """As XML text. Suppressed findings and skipped tools are skipped cases; all other findings are failures."""
    cases = [_tool(tool.tool, tool.state, tool.reason) for tool in report.tools]
    cases += [_unsearched(tool) for tool in without_database(report)]
    cases += [_case(one) for one in report.findings]
    words = {"failures": "<failure ", "errors": "<error ", "skipped": "<skipped "}  # a text cannot hold a plain "<"
    counts = "".join(f' {name}="{sum(word in case for case in cases)}"' for name, word in words.items())
    head = f'<testsuite name="sluiceway scan" tests="{len(cases)}"{counts}>'
    said = "\n".join(remarks(report))
    notes = [f"  <system-out>{escape(_clean(said))}</system-out>"] if said else []
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, *notes, "</testsuite>", ""])


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


def _unsearched(tool: str) -> str:
    inner = f"<skipped message={_attribute(UNSEARCHED)}/>"
    return f'  <testcase classname="scanner" name={_attribute(f"{tool}: known vulnerabilities")}>{inner}</testcase>'


def _clean(text: str) -> str:
    return xml_text.allowed(text, "?")


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))
