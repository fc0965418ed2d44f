"""`sluiceway scan`: what a developer sees without a server, of what the real scanners have said of the same code."""

import json
import os
import subprocess
import xml.etree.ElementTree
import zlib
from pathlib import Path

import pytest

from activities.source import git
from tests.corpus.samples import BROKEN, HELLO, PROGRAMS, SECRET, WEAK
from tests.support.command_line import sluiceway
from tests.support.lab import Repo
from tests.support.programs import program
from workers.core import settings

PYTHON = ("-t", "bandit", "-t", "markers")


@pytest.fixture
def scan(tmp_path, recorded_scanners):
    class Scan:
        def done(self, *arguments: object, cwd: Path | None = None):
            return sluiceway("scan", *arguments, cwd=cwd or tmp_path, env={"SLUICEWAY_HOME": str(tmp_path / "home")})

        def __call__(self, *arguments: object, cwd: Path | None = None, code: int | None = 0) -> str:
            done = self.done(*arguments, cwd=cwd)
            assert code is None or done.returncode == code, done.stdout + done.stderr
            return done.stdout

    return Scan()


@pytest.fixture
def really_scan(tmp_path):
    """The command as a process, and the real scanners."""

    def run(*arguments: object, code: int = 0) -> str:
        env = {**os.environ, "SLUICEWAY_HOME": str(tmp_path / "home")}
        command = [program("sluiceway"), "scan", *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    return run


def test_every_scanner_says_how_much_it_has_seen_and_the_exit_code_says_whether_it_passed(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(WEAK)
    report = json.loads(scan("app", "-f", "json", code=1))

    assert [(one["tool"], one["status"], one["files"]) for one in report["scans"]] == [
        ("bandit", "complete", 1),
        ("semgrep", "complete", 1),
        ("dataflow", "complete", 1),
        ("trivy", "complete", 1),
        ("markers", "complete", 1),
        ("secrets", "complete", 1),
    ]
    assert all(one["digests"]["tool"] and one["digests"]["target"] for one in report["scans"])
    (found,) = report["findings"]
    assert (found["path"], found["line"], found["severity"], found["cwe"]) == ("a.py", 5, "high", "CWE-78")
    assert [one["tool"] for one in found["tools"]] == ["bandit", "semgrep"]
    assert report["verdict"].startswith("failed: 1 high finding")
    (tmp_path / "app" / "a.py").write_text(HELLO)
    scan("app")


def test_an_unchanged_tree_is_not_scanned_again_and_a_changed_one_is(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(WEAK)
    first = json.loads(scan("app", "-f", "json", *PYTHON, code=1))
    again = json.loads(scan("app", "-f", "json", *PYTHON, code=1))
    (tmp_path / "app" / "a.py").write_text(PROGRAMS["weak-other-command"])
    changed = json.loads(scan("app", "-f", "json", *PYTHON, code=1))

    assert [x["scans"][0]["cached"] for x in (first, again, changed)] == [False, True, False]
    assert again["findings"] == first["findings"]
    assert not json.loads(scan("app", "-f", "json", "--no-cache", *PYTHON, code=1))["scans"][0]["cached"]


def test_with_a_baseline_only_what_is_new_since_fails(scan, tmp_path):
    repo = Repo.create(tmp_path / "repo", {"a.py": WEAK})
    scan(repo.path, *PYTHON, code=1)
    (repo.path / "a.py").write_text(PROGRAMS["weak-and-moved"])
    (repo.path / "a.py").rename(repo.path / "b.py")
    moved = json.loads(scan(repo.path, "--baseline", "HEAD", "-f", "json", *PYTHON))
    (repo.path / "c.py").write_text(PROGRAMS["weak-other-name"])
    grown = json.loads(scan(repo.path, "--baseline", "HEAD", "-f", "json", *PYTHON, code=1))

    assert [one["state"] for one in moved["findings"]] == ["moved"]
    assert sorted(one["state"] for one in grown["findings"]) == ["moved", "new"]


def test_a_report_is_a_baseline_for_later(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(WEAK)
    scan("app", "-f", "json", "-o", "before.json", *PYTHON, code=1)
    scan("app", "--baseline", "before.json", *PYTHON)
    (tmp_path / "before.json").write_text('{"version": 1, "findings": [{"rule": 3}]}')

    scan("app", "--baseline", "before.json", *PYTHON, code=1)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b'{"version": 2}', b"[" * 100_000, b"\xff\xfe", b'{"version": 1, "findings": 5}'],
)
def test_what_is_no_baseline_is_refused_with_a_reason(data):
    from activities.scans.formats import baseline
    from domain.core.errors import SluicewayError

    with pytest.raises(SluicewayError, match="not a baseline") as refused:
        baseline.read(data, "b.json")
    assert refused.value.why


def test_a_file_that_git_ignores_is_left_out_and_one_that_is_committed_never(scan, tmp_path):
    repo = Repo.create(tmp_path / "repo", {"a.py": WEAK})
    (repo.path / ".gitignore").write_text("*.py\n")
    (repo.path / "local.py").write_text(WEAK)
    seen = json.loads(scan(repo.path, "-f", "json", *PYTHON, code=1))
    every = json.loads(scan(repo.path, "-f", "json", "--all", *PYTHON, code=1))

    assert {one["path"] for one in seen["findings"]} == {"a.py"}
    assert {one["path"] for one in every["findings"]} == {"a.py", "local.py"}


def opened(path: Path) -> bytes:
    """What the scans have left for the next ones, unpacked."""
    data = path.read_bytes()
    return zlib.decompress(data[32:]) if path.suffix == ".units" else data


def test_a_secret_is_in_no_format(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(PROGRAMS["token-and-password"])
    for name in ("table", "json", "sarif", "html", "junit", "markdown", "gitlab"):
        text = scan("app", "-f", name, "-t", "bandit", "-t", "trivy", code=1)
        assert SECRET not in text
    kept = [path for path in (tmp_path / "home" / "scans").rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} == {".json", ".units"}
    assert not any(SECRET.encode() in opened(path) for path in kept)


def test_two_tools_that_see_one_secret_report_it_once(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(PROGRAMS["password"])
    report = json.loads(scan("app", "-f", "json", "-t", "bandit", "-t", "trivy", code=1))

    (found,) = report["findings"]
    assert {one["tool"] for one in found["tools"]} == {"bandit", "trivy"}
    assert found["kind"] == "secret"


def test_markers_in_code_hide_nothing_and_are_findings_themselves(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(PROGRAMS["weak-and-marked"])
    report = json.loads(scan("app", "-f", "json", "-t", "bandit", "-t", "semgrep", "-t", "markers", code=1))

    kinds = sorted(one["kind"] for one in report["findings"])
    assert kinds == ["sast", "suppression", "suppression"]


def test_a_file_that_cannot_be_read_makes_the_scan_incomplete_and_that_fails(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(BROKEN)
    report = json.loads(scan("app", "-f", "json", *PYTHON, code=1))

    assert report["scans"][0]["status"] == "incomplete"
    assert "a.py" in report["scans"][0]["reason"]
    scan("app", "--fail-on", "never", *PYTHON, code=1)


def test_suppressions_count_until_they_end(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(WEAK)
    text = "apiVersion: sluiceway/v1\nkind: Suppressions\nsuppressions:\n  - rule: B605\n    reason: r\n    owner: o\n    approver: a\n"
    (tmp_path / "app" / "sluiceway.suppressions.yaml").write_text(
        f"{text}    since: 2020-01-01\n    expires: 2020-02-01\n"
    )
    out = scan("app", *PYTHON, code=1)

    assert "are back" in out
    (tmp_path / "app" / "sluiceway.suppressions.yaml").write_text(
        f"{text}    since: 2020-01-01\n    expires: 2099-02-01\n"
    )
    scan("app", *PYTHON, code=2)


def test_what_a_file_says_cannot_act_on_the_terminal_or_in_the_page(scan, tmp_path):
    (tmp_path / "app").mkdir()
    name = "<img src=x onerror=alert(1)>\x1b[31m.py"
    (tmp_path / "app" / name).write_text(WEAK)
    for format_ in ("table", "html", "markdown", "junit", "sarif"):
        text = scan("app", "-f", format_, *PYTHON, code=1)
        assert "\x1b[31m" not in text
        if format_ in ("html", "markdown"):
            assert "<img" not in text
        if format_ == "junit":
            xml.etree.ElementTree.fromstring(text)


def test_nothing_to_scan_is_an_error(really_scan):
    really_scan("nowhere", code=1)


def test_what_changed_is_said_first_and_everything_is_looked_at_all_the_same(scan, tmp_path):
    repo = Repo.create(tmp_path / "app", {"old.py": WEAK, "deep/kept.py": "x = 1\n"})
    (repo.path / "new.py").write_text(WEAK)
    (repo.path / "deep" / "kept.py").write_text("x = 2\n")
    (repo.path / "link.py").symlink_to("old.py")
    report = json.loads(scan(repo.path, *PYTHON, "-f", "json", "--changed", "HEAD", code=1))

    assert sorted({one["path"] for one in report["findings"]}) == ["new.py", "old.py"]
    assert any(note.startswith("1 finding after ") and "HEAD (2 files)" in note for note in report["notes"])
    again = json.loads(scan(repo.path / "deep", *PYTHON, "-f", "json", "--changed", "HEAD"))
    assert any(note.startswith("0 findings after ") and "HEAD (1 file)" in note for note in again["notes"]), again[
        "notes"
    ]


def test_a_commit_that_is_not_there_is_an_error(scan, tmp_path):
    repo = Repo.create(tmp_path / "app", {"a.py": "x = 1\n"})

    scan(repo.path, *PYTHON, "--changed", "nothing", code=1)
    scan(repo.path, *PYTHON, "--changed", "--output=x", code=1)


def test_a_link_is_looked_at_where_it_leads(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(PROGRAMS["token"])
    (tmp_path / "link").symlink_to("app")
    report = json.loads(scan("link", "-t", "trivy", "-f", "json", code=1))

    assert [one["rule"] for one in report["findings"]] == ["assigned-password"]
    assert report["scans"][0]["files"] == 1


def test_bandit_reads_syntax_that_is_newer_than_the_engines_python(really_scan, tmp_path):
    python = settings.load().tools / "bandit" / "bin" / "python"
    said = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info >= (3, 12))"], capture_output=True, text=True
    )
    if said.stdout.strip() != "True":
        pytest.skip("this machine has no Python 3.12 or later")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text("type Name = str\n\n\ndef first[T](of: list[T]) -> T:\n    return of[0]\n")
    report = json.loads(really_scan("app", "-t", "bandit", "-f", "json"))

    assert report["scans"][0]["status"] == "complete"


def test_what_cannot_end_well_is_said_before_the_scan(scan, tmp_path):
    Repo.create(tmp_path / "app", {"a.py": HELLO})
    asked = {
        ("--baseline", "nosuch"): (1, "the baseline 'nosuch' is neither a file nor a commit here"),
        ("--baseline", str(tmp_path)): (1, "it is a folder"),
        ("--changed", "nosuch"): (1, "SLW893"),
        ("-o", str(tmp_path / "nowhere" / "x.json")): (2, "does not exist"),
    }
    for name, (text, why) in {
        "empty": ("", "the file is empty"),
        "broken": ("{", "it is not JSON"),
        "sarif": ('{"version": "2.1.0", "runs": []}', "it is SARIF"),
        "later": ('{"version": 2, "findings": []}', "it is of version 2 of the format"),
        "else": ("[]", "it is JSON of something else"),
    }.items():
        (tmp_path / name).write_text(text)
        asked["--baseline", str(tmp_path / name)] = (1, why)
    for options, (code, words) in asked.items():
        done = scan.done("app", *options)
        assert done.returncode == code
        assert words in done.stderr
        assert "bandit" not in done.stderr


def test_a_report_that_cannot_be_written_is_an_error(scan, tmp_path):
    Repo.create(tmp_path / "app", {"a.py": HELLO})
    done = scan.done("app", "-t", "bandit", "-f", "json", "-o", "/proc/report.json")

    assert done.returncode == 1
    assert "SLW889" in done.stderr


def test_a_scan_in_which_no_tool_ran_has_not_passed(scan, tmp_path):
    Repo.create(tmp_path / "app", {"a.py": HELLO})
    done = scan.done("app", "-t", "govulncheck")

    assert done.returncode == 1
    assert "failed: govulncheck is skipped" in done.stdout


def test_a_folder_that_does_not_exist_is_told_from_an_image(scan):
    done = scan.done("nosuchfolder")

    assert done.returncode == 1
    assert "there is no file or folder 'nosuchfolder'" in done.stderr


def test_where_there_is_no_file_there_is_nothing_to_pass(scan, tmp_path):
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    (tmp_path / "hidden").mkdir()
    git.git("init", "-q", str(tmp_path / "hidden"))
    (tmp_path / "hidden" / ".gitignore").write_text("*\n")

    for name, why in {"empty": "there is no file in it", "hidden": "git ignores all of its files"}.items():
        done = scan.done(name, *PYTHON)
        assert (done.returncode, "SLW851" in done.stderr, why in done.stderr) == (1, True, True), done.stderr


def test_a_pipe_gets_the_report_and_no_progress(scan, tmp_path):
    Repo.create(tmp_path / "app", {"a.py": HELLO})
    done = scan.done("app", *PYTHON)

    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_each_finding_has_a_short_name_that_explain_takes(scan, tmp_path):
    Repo.create(tmp_path / "app", {"a.py": WEAK})
    name = scan("app", *PYTHON, code=1).split()[0]
    told = scan("app", "--explain", name)

    assert len(name) == 8
    assert f"fingerprint: {name}" in told
