"""A secret is shown by no finding: neither by its own nor by those that happen to share its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.formats.json_report import write
from activities.scans.merge import merge_reports
from domain.scans.findings.hiding import hidden
from domain.scans.findings.location import Source, located
from domain.scans.findings.model import Finding, FindingKind, ScanState, Severity, ToolReport

VALUE = "Amsel446" + "nest"
LINES = {
    "Dockerfile": f"ENV API_TOKEN={VALUE}",
    "compose.yaml": f"  - API_TOKEN: {VALUE}  # until May",
    "app.py": f'requests.get("https://user:{VALUE}@example.org", verify=False)',
    "torn.py": f"requests.get(url, verify=False) if  # {VALUE}",
    "call.py": f'run(\n    "curl",\n    "https://user:{VALUE}@example.org",\n)',
    "app.js": f"fetch(`https://user:${{name}}:{VALUE}@example.org`)",
}
KINDS = (FindingKind.SAST, FindingKind.MISCONFIGURATION, FindingKind.SUPPRESSION)


def at(path: str, text: str, kind: FindingKind, line: int = 1, end_line: int = 0) -> Finding:
    one = Finding(tool="t", rule="R1", kind=kind, severity=Severity.HIGH, message="m", path=path, line=line)
    return located(replace(one, end_line=end_line), Source(path, text))


def secret(path: str, line: int, excerpt: str = "k = ****") -> Finding:
    one = Finding(tool="secrets", rule="key", kind=FindingKind.SECRET, severity=Severity.HIGH, message="m", path=path)
    return replace(one, line=line, snippet=excerpt, secret="hmac")


def line_of(text: str) -> int:
    return text[: text.index(VALUE)].count("\n") + 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", LINES)
def test_no_finding_at_the_lines_of_a_secret_shows_it(path, kind):
    text = LINES[path]
    one = at(path, text, kind, end_line=text.count("\n") + 1)
    assert VALUE in f"{one.snippet}{one.code}"

    shown = hidden([one, secret(path, line_of(text))])

    assert VALUE not in repr(shown)


def test_what_is_shown_is_the_excerpt_of_the_secret():
    one, _ = hidden([at("Dockerfile", LINES["Dockerfile"], KINDS[1]), secret("Dockerfile", 1, "ENV API_TOKEN=****")])

    assert one.snippet == "ENV API_TOKEN=****"


@pytest.mark.parametrize("excerpts", [("",), (f"a=****; b={VALUE}", f"a={VALUE}; b=****")])
def test_of_several_secrets_in_a_line_none_shows_the_others(excerpts):
    found = [at("Dockerfile", f"ENV A={VALUE}", KINDS[1]), *(secret("Dockerfile", 1, one) for one in excerpts)]

    assert hidden(found)[0].snippet == "…"


def test_a_statement_that_one_tool_reports_at_another_line_is_hidden_as_well():
    text = LINES["call.py"]
    first = at("call.py", text, FindingKind.SAST)
    third = at("call.py", text, FindingKind.SAST, line=3)

    assert VALUE not in repr(hidden([first, third, secret("call.py", 3)]))


@given(st.lists(st.integers(2, 9), max_size=4), st.sampled_from(KINDS))
def test_findings_at_other_lines_stay_as_they_are(lines, kind):
    text = "\n".join(f"call{number}(x{number})" for number in range(10))
    others = [at("app.py", text, kind, line=line) for line in lines]

    assert hidden([secret("app.py", 1), *others])[1:] == others
    assert hidden([secret("other.py", line) for line in lines] + others)[len(lines) :] == others


def test_neither_report_nor_fingerprint_depends_on_the_value_of_a_secret():
    def report(value: str) -> tuple[str, str]:
        text = LINES["Dockerfile"].replace(VALUE, value)
        found = (at("Dockerfile", text, FindingKind.MISCONFIGURATION), secret("Dockerfile", 1))
        merged = merge_reports([ToolReport(tool="t", state=ScanState.COMPLETE, findings=found)])
        wrong = next(one for one in merged.findings if one.kind is FindingKind.MISCONFIGURATION)
        return write(merged), wrong.fingerprint

    assert VALUE not in report(VALUE)[0]
    assert report(VALUE)[1] == report("something-else-entirely")[1]
