"""`scan --explain` tells what a finding means; `scan --fix` shows a patch first, and writes only what it has shown."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from activities.scans import fixes
from activities.scans.last_report import LastReport
from domain.core.errors import SluicewayError
from domain.scans.findings.location import Source, located
from domain.scans.findings.model import FileClass, Finding, FindingKind, ScanReport, Severity, Step, like
from workers.cli import scan_fixes
from workers.cli.main import cli

TEXT = "import yaml\n\n\ndef settings(text):\n    return yaml.load(text)  # why\n"
SAFE = TEXT.replace("yaml.load", "yaml.safe_load")


def finding(path: str = "app.py", text: str = TEXT) -> Finding:
    one = Finding(
        tool="bandit",
        rule="B506",
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
        message="m",
        path=path,
        line=5,
        cwe="CWE-502",
        fingerprint="abcd1234",
        trace=(Step("views.py", 3, "the request's parameter q"),),
    )
    return located(one, Source(path, text))


@pytest.fixture
def folder(tmp_path: Path, home: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(TEXT)
    return tmp_path / "code"


def offered(folder: Path, *findings: Finding, write: bool = False, **runner: str) -> str:
    command = click.command()(lambda: scan_fixes.offer(folder, ScanReport(merged=findings), write))
    done = CliRunner().invoke(command, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_a_fix_is_shown_and_not_written(folder: Path) -> None:
    shown = offered(folder, finding())

    assert "-    return yaml.load(text)  # why\n+    return yaml.safe_load(text)  # why\n" in shown
    assert (folder / "app.py").read_text() == TEXT


def test_the_patch_is_one_that_git_applies(folder: Path) -> None:
    patch = fixes.proposed(folder, [finding()]).patch
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch.encode(), check=True)

    assert (folder / "app.py").read_text() == SAFE


def test_a_fix_is_written_when_asked_and_the_file_keeps_its_rights(folder: Path) -> None:
    (folder / "app.py").chmod(0o755)
    offered(folder, finding(), write=True)

    assert (folder / "app.py").read_text() == SAFE
    assert (folder / "app.py").stat().st_mode & 0o777 == 0o755


def test_a_file_that_changed_since_the_scan_is_left(folder: Path) -> None:
    (folder / "app.py").write_text(TEXT.replace("load(text)", "load(text, 1)"))

    assert fixes.CHANGED in offered(folder, finding(), write=True)
    assert "safe_load" not in (folder / "app.py").read_text()


def test_a_file_that_changed_since_the_patch_was_shown_is_refused_and_no_other_is_written(folder: Path) -> None:
    (folder / "b.py").write_text(TEXT)
    proposal = fixes.proposed(folder, [finding(), finding("b.py")])
    (folder / "b.py").write_text(TEXT + "x = 1\n")

    with pytest.raises(SluicewayError, match="SLW891"):
        fixes.write(folder, proposal.changes)
    assert (folder / "app.py").read_text() == TEXT


def test_attack_a_path_that_leaves_the_folder_is_never_read_or_written(folder: Path) -> None:
    (folder.parent / "out.py").write_text(TEXT)
    (folder / "link.py").symlink_to(folder.parent / "out.py")
    (folder / "sub").symlink_to(folder.parent)
    names = ("../out.py", str(folder.parent / "out.py"), "link.py", "sub/out.py")

    offered(folder, *(finding(name) for name in names), write=True)
    assert (folder.parent / "out.py").read_text() == TEXT
    for name in names:
        change = fixes.Change(name, TEXT, SAFE, ())
        with pytest.raises(SluicewayError, match="SLW891"):
            fixes.write(folder, [change])


@pytest.mark.parametrize(
    "other",
    [
        {"file_class": FileClass.VENDORED},
        {"cell": 2},
        {"member": "x.py"},
        {"state": "suppressed"},
        {"severity": Severity.LOW},
    ],
)
def test_copies_notebooks_archives_and_what_was_accepted_are_left(folder: Path, other: dict[str, str]) -> None:
    assert fixes.proposed(folder, [like(finding(), **other)]).changes == ()


def test_a_rule_is_explained_by_any_of_its_names(home: Path) -> None:
    done = CliRunner().invoke(cli, ["scan", "--explain", "b506"])

    assert done.exit_code == 0
    assert "yaml.safe_load" in done.output


def test_a_finding_of_the_last_scan_is_explained_with_the_path_of_its_value(home: Path) -> None:
    LastReport(home).keep(ScanReport(merged=(finding(),)))
    done = CliRunner().invoke(cli, ["scan", "--explain", "abcd12"])

    assert done.exit_code == 0
    assert "here: app.py:5" in done.output
    assert "1. views.py:3  the request's parameter q" in done.output


def test_findings_that_share_a_start_are_listed(home: Path) -> None:
    LastReport(home).keep(ScanReport(merged=(finding(), like(finding(), fingerprint="abcd9999", path="b.py"))))

    assert "abcd9999 high b.py:5 B506" in CliRunner().invoke(cli, ["scan", "--explain", "abcd"]).output


def test_an_unknown_name_is_an_error_with_near_names(home: Path) -> None:
    done = CliRunner().invoke(cli, ["scan", "--explain", "sql-injektion"])

    assert done.exit_code != 0
    assert isinstance(done.exception, SluicewayError)
    assert "SLW890" in str(done.exception)
    assert "sql-injection" in str(done.exception)


@pytest.mark.parametrize("options", [["--write"], ["--fix", "-f", "json"], ["--fix", "--pid", "1"]])
def test_a_fix_goes_with_nothing_that_it_cannot_mean(folder: Path, options: list[str]) -> None:
    assert CliRunner().invoke(cli, ["scan", str(folder), *options]).exit_code == 2
