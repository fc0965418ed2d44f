"""A self-contained page: findings with code, filtered by severity, kind, state and words."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from activities.core.templates import template
from domain.scans.files import words
from domain.scans.files.report import MAX_UNSCANNED
from domain.scans.findings import trend
from domain.scans.findings.model import FindingKind, ScanReport, ScanState, Severity, State, counts

SCRIPT = """
const $ = id => document.getElementById(id), all = [...document.querySelectorAll("article")];
function show() {
  const words = $("words").value.toLowerCase();
  let number = 0;
  for (const one of all) {
    const fits = ["severity", "kind", "state"].every(key => !$(key).value || one.dataset[key] === $(key).value);
    one.hidden = !(fits && one.textContent.toLowerCase().includes(words));
    number += !one.hidden;
  }
  $("shown").value = number + " shown";
}
for (const id of ["severity", "kind", "state", "words"]) $(id).addEventListener("input", show);
show();
"""
"""The only script that the page's CSP allows, by its hash: findings cannot inject one, escaped or not."""


def write(report: ScanReport) -> str:
    """The page."""
    import markupsafe  # slow to load, and rarely needed

    present = {one.kind for one in report.findings}
    return template("scans/formats/findings").render(
        report=report,
        findings=report.findings,
        files=words.lines(report.inventory, MAX_UNSCANNED),
        counts=counts(report.findings),
        kinds=[kind for kind in FindingKind if kind in present],
        severities=[one for one in reversed(Severity) if one in {x.severity for x in report.findings}],
        states=[one for one in State if one in {x.state for x in report.findings}],
        complete=ScanState.COMPLETE,
        printable=printable,
        day=_day,
        trend=trend.words(report.trend),
        trend_severities=[one.value for one in reversed(Severity) if any(one in point.open for point in report.trend)],
        script=markupsafe.Markup(SCRIPT),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode(),
    )


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def printable(text: str) -> str:
    """Without control characters, which browsers and terminals may interpret."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
