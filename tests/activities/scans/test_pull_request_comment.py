"""A comment on a pull request says what it brings, and nothing that a stranger wrote means anything in it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.jobs.port import JobInput
from activities.scans.formats import pull_request
from activities.scans.suppressions import comments
from activities.storage.stores.folder import FolderStore
from domain.jobs.result import JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.scans.findings.model import FileClass, Finding, ScanReport, ScanState, Severity, State, Step, ToolReport
from domain.scans.findings.pull_request import brought, together
from domain.scans.findings.remarks import since
from domain.triggers.events import EventKind, EventRef
from tests.support.known import MAIN, OLD, PULL_REQUEST

HOSTILE = [
    "`</code></details><img src=https://evil.example/beacon>",
    "| x | y |\n\n# heading\n\n```\n",
    r"\| \`` [a](https://evil.example) ![b](https://evil.example/x.png)",
    "@everyone see https://evil.example, www.evil.example, GH-1, #1, a/b#2 <!-- ",
    "-->\r\n<script>alert(1)</script>",
    "\u202egnp.exe\x1b[31m\ud800",
    "~~~\n````\n" * 3,
]
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=40)
SPAN = re.compile(r"`[^`\n]*`")
TAGS = re.compile(r"<!-- sluiceway: what this change brings -->|</?(details|summary|code|sub)>")


def hostile(text: str, **more: object) -> Finding:
    fields = ("rule", "message", "path", "package", "fixed_in", "why", "cwe", "snippet", "fingerprint")
    trace = (Step(text, 1, text),)
    return replace(OLD, **{**dict.fromkeys(fields, text), "trace": trace, "state": State.NEW, **more})  # type: ignore[arg-type]


def written(*found: Finding, **more: object) -> str:
    tools = (ToolReport(tool="bandit", state=ScanState.COMPLETE),)
    return pull_request.write(replace(ScanReport(tools=tools, merged=tuple(found)), **more))  # type: ignore[arg-type]


def outside(text: str) -> str:
    """What a forge reads as Markdown or HTML: what stands in no fence, no span, no `code` element and no tag of ours."""
    lines, fence = [], ""
    for line in text.split("\n"):
        if not fence and re.fullmatch("`{3,}", line):
            fence = line
        elif fence and line == fence:
            fence = ""
        elif not fence:
            lines.append(line)
    assert not fence
    plain = re.sub(r"<code>[^<]*</code>", "", "\n".join(lines))
    return TAGS.sub("", SPAN.sub("", plain))


@given(TEXTS)
def test_a_strangers_text_is_no_markup_link_mention_image_or_html(text: str) -> None:
    report = written(hostile(text), verdict=text, baseline=text)
    left = outside(report)

    assert not set("<>@#[]!`\\") - {"#"} & set(left)
    assert "://" not in left
    assert left.count("#") == 3  # our own heading


@given(TEXTS)
def test_every_row_of_the_table_has_four_cells(text: str) -> None:
    rows = [line for line in written(hostile(text)).split("\n") if line.startswith("|")][:3]

    assert [line.count("|") for line in rows] == [5, 5, 5]


@pytest.mark.parametrize("length", [1, 60, 3_000])
def test_a_comment_fits_and_says_how_much_more_there_is(length: int) -> None:
    text = written(*[hostile("é" * 2_000, line=at) for at in range(length)])

    assert len(text) <= pull_request.MAX_LENGTH
    assert text.startswith(pull_request.MARK)
    shown = len([line for line in text.split("\n") if line.startswith("| high")])
    assert (shown == length) or f"… and {length - shown:,} more." in text


def test_it_shows_the_worst_first_its_way_and_what_was_not_scanned() -> None:
    bad = hostile("q", severity=Severity.CRITICAL, file_class=FileClass.VENDORED)
    failed = ToolReport(tool="trivy", state=ScanState.FAILED, reason="no database")
    text = written(replace(OLD, rule="B1"), bad, tools=(failed,), verdict="failed: 1 critical found")
    rows = [line for line in text.split("\n") if line.startswith("| ")]

    assert "2 new findings: 1 critical, 1 high" in text
    assert rows[1].startswith("| critical, vendored | ")
    assert "1. `q:1` `q`" in text
    assert "- **`trivy` is failed**: `no database`" in text
    assert "**Gate** `failed: 1 critical found`" in text


@given(st.lists(st.sampled_from(State), max_size=5))
def test_only_what_is_new_or_got_worse_is_brought(states: list[State]) -> None:
    found = tuple(replace(OLD, state=state) for state in states)
    told = brought(ScanReport(merged=found, fixed=found, baseline="main"))

    assert [one.state for one in told.findings] == [one for one in states if one in (State.NEW, State.ESCALATED)]
    assert told.fixed == ()
    assert since(told) == f"{len(told.findings)} new since main"


def test_scans_together_keep_every_finding_and_the_worst_run_of_a_tool() -> None:
    fine = ToolReport(tool="bandit", state=ScanState.COMPLETE)
    one = ScanReport(tools=(fine,), merged=(OLD,), baseline="main")
    two = ScanReport(tools=(replace(fine, state=ScanState.INCOMPLETE),), merged=(OLD,), baseline="main")

    for told in (together([one, two]), together([two, one])):
        assert [tool.state for tool in told.tools] == [ScanState.INCOMPLETE]
        assert (len(told.findings), told.baseline) == (2, "main")


@pytest.mark.parametrize(("event", "made"), [(PULL_REQUEST, True), (MAIN, False), (EventRef(EventKind.MANUAL), False)])
def test_only_a_pull_request_has_them_as_artifacts(tmp_path: Path, event: EventRef, made: bool) -> None:
    input = JobInput("run/web/1", Job(id="scan", kind=JobKind.SCAN), event=event)
    before = JobResult(Status.PASSED, artifacts={"sarif": "x"})
    result = comments.added(FolderStore(tmp_path), input, before, [ScanReport(merged=(OLD,))])

    assert set(result.artifacts) - {"sarif"} == ({comments.SARIF, comments.COMMENT} if made else set())
