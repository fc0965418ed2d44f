"""What was taken out of a file is still in its history, and is found there, whatever the repository says."""

import uuid
from pathlib import Path

import pytest

from activities.scans.port import History, Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.gitleaks import Gitleaks
from activities.scans.secret_hashing import Masked
from activities.source import git
from domain.scans.findings.model import ScanState, ToolReport
from workers.core import settings

TOKEN = "AKIA" + "QYLPMN5HHHFPZAM2"


class Repository:
    def __init__(self, path: Path) -> None:
        self.path = path
        git.git("init", "-q", "-b", "main", str(path))

    def commit(self, files: dict[str, str]) -> str:
        for name, text in files.items():
            (self.path / name).write_text(text)
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        git.git("add", "-A", cwd=self.path)
        git.git(*who, "commit", "-q", "--allow-empty", "-m", "x", cwd=self.path)
        return git.resolve(self.path, "HEAD")


@pytest.fixture
def repository(tmp_path) -> Repository:
    return Repository(tmp_path / "repo")


async def scanned(repository: Repository, folder: Path, commit: str) -> ToolReport:
    history = History(git.history(repository.path, commit, folder / "history.git"), commit)
    scanner = Gitleaks(settings.load().tools, Masked(b"key"))
    target = Target(repository.path.resolve(), commit, history)
    return (
        await Scanning({"gitleaks": scanner}).scan(
            ["gitleaks"], target, folder / "scratch", f"k{uuid.uuid4().hex}", 100
        )
    )[0]


@pytest.mark.heavy
async def test_a_secret_that_was_taken_out_again_is_found_with_its_commit_and_never_shown(repository, tmp_path):
    first = repository.commit({"a.py": f"key = '{TOKEN}'  # gitleaks:allow\n"})
    head = repository.commit(
        {
            "a.py": "key = None\n",
            ".gitleaks.toml": "[allowlist]\npaths = ['.*']\n",
            ".gitleaksignore": f"{first}:a.py:aws-access-token:1\n",
            ".gitattributes": "* -diff binary\n",
        }
    )
    report = await scanned(repository, tmp_path, head)

    assert report.state is ScanState.COMPLETE, report.reason
    (found,) = [one for one in report.findings if one.rule == "aws-access-token"]
    assert (found.path, found.line) == ("a.py", 1)
    assert first[:12] in found.message
    assert found.secret == Masked(b"key").of(TOKEN)
    assert TOKEN not in repr(report)
    assert report.version


@pytest.mark.heavy
async def test_what_hides_a_secret_from_git_hides_nothing_here(repository, tmp_path):
    repository.commit({".gitattributes": "* -diff\n", "a.py": f"key = '{TOKEN}'\n"})
    report = await scanned(repository, tmp_path, repository.commit({"a.py": "x = 1\n"}))

    assert [one.path for one in report.findings] == ["a.py"]


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["yarn.lock", "logo.svg", "go.sum"])
async def test_no_path_hides_a_secret_in_the_history(repository, tmp_path, name):
    repository.commit({name: f"key = '{TOKEN}'\n"})
    report = await scanned(repository, tmp_path, repository.commit({name: "x\n"}))

    assert [one.path for one in report.findings] == [name]


@pytest.mark.heavy
async def test_a_shallow_clone_is_incomplete(repository, tmp_path):
    repository.commit({"a.py": f"key = '{TOKEN}'\n"})
    repository.commit({"a.py": "x = 1\n"})
    git.git("clone", "-q", "--depth", "1", f"file://{repository.path}", str(tmp_path / "shallow"))
    repository.path = tmp_path / "shallow"
    report = await scanned(repository, tmp_path, git.resolve(repository.path, "HEAD"))

    assert report.state is ScanState.INCOMPLETE
    assert "shallow" in report.reason


@pytest.mark.heavy
async def test_merges_empty_commits_and_binary_files_do_not_make_it_incomplete(repository, tmp_path):
    repository.commit({"a.py": "x = 1\n"})
    repository.commit({})
    (repository.path / "b.bin").write_bytes(b"\0\1\2")
    repository.commit({})
    (repository.path / "a.py").rename(repository.path / "c.py")
    repository.commit({})
    (repository.path / "c.py").unlink()
    report = await scanned(repository, tmp_path, repository.commit({"d.py": "y = 2\n"}))

    assert report.state is ScanState.COMPLETE, report.reason


async def test_without_gitleaks_or_without_history_it_is_skipped(repository, tmp_path):
    absent = Gitleaks(tmp_path / "nowhere")
    target = Target(tmp_path)
    (report,) = await Scanning({"gitleaks": absent}).scan(["gitleaks"], target, tmp_path / "s", "k", 10)

    assert (report.state, report.reason) == (
        ScanState.SKIPPED,
        "gitleaks is not installed: sluiceway tools install gitleaks",
    )


@pytest.mark.parametrize("said", [b"", b"{}", b"[1]", b"[" * 100_000, b"null", b"\x00\xff", b'[{"RuleID": 3}]'])
async def test_whatever_it_writes_instead_of_a_report_is_a_failed_scan(repository, tmp_path, said):
    program = tmp_path / "tools" / "gitleaks" / "bin" / "gitleaks"
    program.parent.mkdir(parents=True)
    (tmp_path / "said").write_bytes(said)
    program.write_text(f'#!/bin/sh\nwhile [ "$1" != --report-path ]; do shift; done\ncp {tmp_path}/said "$2"\n')
    program.chmod(0o755)
    commit = repository.commit({"a.py": "x = 1\n"})
    history = History(git.history(repository.path, commit, tmp_path / "h.git"), commit)
    scanning = Scanning({"gitleaks": Gitleaks(tmp_path / "tools")})
    (report,) = await scanning.scan(["gitleaks"], Target(tmp_path, "", history), tmp_path / "s", "k", 20)

    assert report.state is ScanState.FAILED
    assert report.reason
