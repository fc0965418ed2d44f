"""`scan --explain` tells what a finding means; `scan --fix` shows a patch first, and writes only what it has shown."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from activities.scans import fixes, last_report
from activities.scans.last_report import LastReports
from domain.core.errors import SluicewayError
from domain.scans.findings.hiding import hidden
from domain.scans.findings.location import Source, located
from domain.scans.findings.model import FileClass, Finding, FindingKind, ScanReport, Severity, Step, like
from tests.support.command_line import call
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


def kept(home: Path, target: Path, *findings: Finding) -> None:
    LastReports(home).keep(str(target), ScanReport(merged=findings), 1.0)


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


def test_what_shares_its_line_with_a_secret_is_fixed_and_what_names_a_credential_has_not_changed(folder: Path) -> None:
    text = TEXT.replace("yaml.load(text)", "yaml.load('password: Amsel446nest')")
    (folder / "app.py").write_text(text)
    secret = like(finding(text=text), tool="secrets", rule="key", kind=FindingKind.SECRET, code="", secret="hmac")
    weak, _ = hidden([finding(text=text), secret])
    guess = like(finding(text=text), rule="B105", cwe="CWE-259", code="hmac", secret="hmac")

    proposal = fixes.proposed(folder, [weak, guess])

    assert "Amsel" not in weak.code
    assert [change.done for change in proposal.changes] == [(weak,)]
    assert proposal.left == ()


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
    kept(home, Path.cwd(), finding())
    done = CliRunner().invoke(cli, ["scan", "--explain", "abcd12"])

    assert done.exit_code == 0
    assert "here: app.py:5" in done.output
    assert "1. views.py:3  the request's parameter q" in done.output


def test_a_start_that_fits_several_findings_is_an_error_that_lists_them(home: Path) -> None:
    kept(home, Path.cwd(), finding(), like(finding(), fingerprint="abcd9999", path="b.py"))
    code, _, err = call("scan", "--explain", "abcd")

    assert (code, "SLW892" in err, "abcd9999 high b.py:5 B506" in err) == (1, True, True)


def test_each_folder_has_its_own_last_scan_and_another_one_is_named(home: Path, tmp_path: Path) -> None:
    shop, other = tmp_path / "shop", tmp_path / "other"
    kept(home, shop, finding())
    kept(home, other, like(finding(), fingerprint="ffff0000"))

    assert call("scan", "--explain", "abcd1234", str(shop))[2] == ""
    assert f"from the last scan of {shop}," in call("scan", "--explain", "abcd1234", str(shop / "inner"))[2]
    assert f"from the last scan of {shop}," in call("scan", "--explain", "abcd1234", str(other))[2]
    assert "here: app.py:5" in call("scan", "--explain", "ffff0000", str(other))[1]
    assert f"no scan of {tmp_path} is known yet" in call("scan", "--explain", "eeee", str(tmp_path))[2]


def test_of_many_folders_the_ones_scanned_last_are_known(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_report, "MAX_TARGETS", 2)
    for at in range(3):
        kept(home, Path(f"/f{at}"), finding())
        os.utime(next(iter((home / "last-scans").glob(f"{last_report.name_of(f'/f{at}')}.json"))), (at, at))
    kept(home, Path("/f3"), finding())

    assert [LastReports(home).of(f"/f{at}") is not None for at in range(4)] == [False, False, True, True]


def test_what_was_kept_of_a_scan_may_be_broken(home: Path) -> None:
    kept(home, Path("/f"), finding())
    for file in (home / "last-scans").iterdir():
        file.write_text('{"target": 3}')

    assert LastReports(home).of("/f") is None
    assert list(LastReports(home).newest()) == []


@pytest.mark.parametrize("name", ["", "  "])
def test_no_name_is_told_before_anything_is_scanned(home: Path, name: str) -> None:
    assert call("scan", "--explain", name)[0] == 2


def test_an_unknown_name_is_an_error_with_near_names(home: Path) -> None:
    done = CliRunner().invoke(cli, ["scan", "--explain", "sql-injektion"])

    assert done.exit_code != 0
    assert isinstance(done.exception, SluicewayError)
    assert "SLW890" in str(done.exception)
    assert "sql-injection" in str(done.exception)


@pytest.mark.parametrize("options", [["--write"], ["--fix", "-f", "json"], ["--fix", "--pid", "1"]])
def test_a_fix_goes_with_nothing_that_it_cannot_mean(folder: Path, options: list[str]) -> None:
    assert CliRunner().invoke(cli, ["scan", str(folder), *options]).exit_code == 2
