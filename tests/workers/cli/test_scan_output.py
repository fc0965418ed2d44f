"""What a person sees of `sluiceway scan`: its help, its progress, its colours, and completion."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import Progress, TextColumn

from activities.scans.running.progress import Lines
from domain.scans.findings.model import (
    NO_DATABASE,
    FileClass,
    Finding,
    FindingKind,
    ScanReport,
    ScanState,
    Severity,
    ToolReport,
)
from domain.scans.gate import GateVerdict
from tests.support.command_line import call, said
from workers.cli.main import cli
from workers.cli.scan_options import FORMATS
from workers.cli.scan_progress import _Shown, shown
from workers.cli.scan_table import table
from workers.client.scanner_names import OPTIONAL, TOOLS

WEAK = Finding(tool="bandit", rule="B602", kind=FindingKind.SAST, severity=Severity.HIGH, message="m", path="a.py")
TEXTS = st.text(max_size=30)


def lines(report: ScanReport) -> list[str]:
    return ["".join(map(str, line)) for line in table(report, GateVerdict(False, ("why", "more")))]


@given(st.lists(st.builds(replace, st.just(WEAK), message=TEXTS, path=TEXTS, rule=TEXTS), max_size=4))
def test_nothing_that_a_file_says_makes_a_line_of_the_table(found: list[Finding]) -> None:
    assert not any("\n" in line for line in lines(ScanReport(merged=tuple(found))))
    assert len(lines(ScanReport(merged=tuple(found)))) == 2 * len(found) + (3 if found else 0) + 2


def test_copies_of_others_code_stand_apart_and_what_is_new_known_and_fixed_is_counted() -> None:
    theirs = replace(WEAK, path="jquery.min.js", file_class=FileClass.MINIFIED)
    shown_ = lines(ScanReport(merged=(theirs, WEAK), baseline="main", fixed=(WEAK,)))

    assert shown_.index("in vendored and minified files:") == 2
    assert "2 new, 0 existing, 1 fixed since main" in shown_


def test_the_help_has_the_options_in_panels_and_the_exit_codes() -> None:
    text = said("scan", "--help")
    places = [text.index(f"\n{name}:") for name in ("Target", "Scanners", "Report", "Gate", "Explain and fix")]

    assert places == sorted(places)
    assert "Exit codes:" in text
    assert text.rindex("--help") > text.rindex("--write")


def test_progress_names_what_runs_and_how_it_ended() -> None:
    screen = io.StringIO()
    with Progress(TextColumn("{task.description}"), console=Console(file=screen, force_terminal=True)) as bars:
        seen = _Shown(bars)
        for tool in ("bandit", "trivy"):
            seen.began(tool)
        seen.ended(ToolReport(tool="bandit", state=ScanState.COMPLETE, findings=(WEAK,)))
        seen.said("[red]high\x1b[2J")

    assert "bandit: complete, 1 finding" in screen.getvalue()
    assert "[red]high" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()
    assert [one.finished for one in bars.tasks] == [True, False]


def test_without_a_terminal_only_what_was_asked_for_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (False, True):
        with shown(quiet) as progress:
            progress.began("bandit")
            progress.ended(ToolReport(tool="bandit", state=ScanState.COMPLETE))
            progress.said("1 finding in what differs")

    assert capsys.readouterr().err == "1 finding in what differs\n"


def test_a_heartbeat_gets_a_line_as_each_scanner_ends() -> None:
    told: list[str] = []
    progress = Lines(told.append)
    progress.began("bandit")
    progress.ended(ToolReport(tool="bandit", state=ScanState.FAILED, reason="gone"))
    progress.said("x")

    assert told == ["bandit: failed, 0 findings", "x"]


@pytest.mark.parametrize(("option", "known"), [("-t", [*TOOLS, *OPTIONAL]), ("-f", list(FORMATS))])
def test_scanners_and_formats_are_completed(option: str, known: list[str]) -> None:
    complete = ShellComplete(cli, {}, "sluiceway", "_SLUICEWAY_COMPLETE")

    assert [one.value for one in complete.get_completions(["scan", option], "")] == known


@pytest.mark.parametrize("options", [["--only-new"], ["--changed", "HEAD", "a.py"]])
def test_options_that_say_nothing_alone_are_refused(home: Path, tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "a.py").touch()

    assert call("scan", *options, cwd=tmp_path)[0] == 2


def test_a_missing_database_is_a_warning_with_what_to_do_and_no_reason_of_the_verdict() -> None:
    told = lines(ScanReport(tools=(ToolReport(tool="trivy", state=ScanState.COMPLETE, database_date=NO_DATABASE),)))
    at = next(n for n, line in enumerate(told) if "no vulnerability database" in line)

    assert told[at].startswith("warning: trivy ")
    assert "`sluiceway db pull --from" in told[at]
    assert "`sluiceway db build" in told[at]
    assert told[at + 1 :] == ["failed: why", "        more"]
