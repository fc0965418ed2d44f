"""A repository's settings name programs. None of them runs, whatever is done with the repository; its content is read right."""

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from activities.source import checkouts, git
from activities.source.checkouts import check_out
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError
from domain.pipelines.checkout import CheckoutSpec
from domain.scans.findings.model import ScanState
from tests.support.traps import Trap, plain
from workers.client import deliveries
from workers.client.repository_poller import Watcher


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trap:
    trap = Trap(tmp_path)
    trap.set()
    monkeypatch.chdir(trap.path)
    return trap


def test_the_control_git_itself_runs_what_the_folder_names(trap: Trap) -> None:
    with contextlib.suppress(subprocess.CalledProcessError):
        plain("status", cwd=trap.path)
    assert trap.marker.exists()


def _by_hand(trap: Trap, mirrors: Mirrors) -> None:
    made = deliveries.by_hand(trap.path / "sluiceway.yaml", mirrors, {}, "1", base=trap.first)
    assert made.event.changed_files == (".gitattributes", "file.txt")
    mirrors.checkout(made.source.repo, made.source.commit, mirrors.path("x"))
    assert (mirrors.path("x") / "file.txt").read_text() == "dirty\n"
    assert made.event.message == "two"
    assert made.event.branch == "main"


def _push(trap: Trap, mirrors: Mirrors) -> None:
    [made] = deliveries.push(trap.path, trap.first, trap.head, "refs/heads/main", "ann")
    assert made.pipeline == "web"
    assert made.event.changed_files == (".gitattributes", "file.txt")
    mirrors.checkout(made.source.repo, made.source.commit, mirrors.path("x"))
    assert (mirrors.path("x") / "file.txt").read_text() == "two\n"


def _pull_request(trap: Trap, mirrors: Mirrors) -> None:
    [made] = deliveries.pull_request(trap.path, trap.first, "HEAD", "ann")
    assert made.event.commit == trap.head


def _watch(trap: Trap, mirrors: Mirrors) -> None:
    watcher = Watcher(str(trap.path), mirrors, mirrors.path("w"))
    [(ref, sha, [made])] = watcher.pushes()
    assert (ref, sha, made.pipeline) == ("refs/heads/main", trap.head, "web")
    assert watcher.passed_over(ref, sha) == []


def _remote(trap: Trap, mirrors: Mirrors) -> None:
    """In the hostile folder, asking somebody else: its ssh command and helpers do not count."""
    with pytest.raises(SluicewayError, match="SLW816"):
        git.remote_refs("ssh://localhost:1/x.git")
    with pytest.raises(SluicewayError, match="SLW816"):
        mirrors.fetch("http://127.0.0.1:1/x.git", trap.head)


def _history(trap: Trap, mirrors: Mirrors) -> None:
    made = git.history(trap.path, trap.head, mirrors.path("h").parent / "history.git")
    assert git.commits_with_text(made) == 2


def _read(trap: Trap, mirrors: Mirrors) -> None:
    assert git.read_file(trap.path, trap.head, "file.txt") == b"two\n"
    assert git.list_files(trap.path, trap.head) == [".gitattributes", "file.txt", "sluiceway.yaml"]
    assert git.default_branch(str(trap.path)) == "main"
    assert git.kind(trap.path, trap.head) == "commit"
    assert git.differing(trap.path, "HEAD") == ["file.txt"]


def _lfs(trap: Trap, mirrors: Mirrors) -> None:
    check_out(mirrors, str(trap.path), trap.head, mirrors.path("x"), CheckoutSpec(lfs=True, submodules=True))
    assert (mirrors.path("x") / "file.txt").read_text() == "two\n"


USES: tuple[Callable[[Trap, Mirrors], None], ...] = (
    _by_hand, _push, _pull_request, _watch, _remote, _history, _read, _lfs,
)  # fmt: skip


@pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__.strip("_"))
def test_nothing_runs_that_a_repository_names_and_its_content_is_read_right(use, trap, tmp_path):
    if use is _lfs and shutil.which("git-lfs") is None:
        pytest.skip("git-lfs is not installed")
    (tmp_path / "mirrors").mkdir()
    use(trap, Mirrors(tmp_path / "mirrors"))
    assert not trap.marker.exists(), trap.marker.read_text()


def test_a_scan_runs_nothing_that_the_folder_names(trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from activities.scans.running.local_scan import ScanOptions
    from activities.scans.running.progress import Silent
    from workers.client.local_scans import ScanRequest
    from workers.core.settings import load
    from workers.worker.local_wiring import local_scanning

    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "home"))
    scanning = local_scanning(load(), Silent(), again=True)
    for base in ("", trap.first):
        wanted = ScanOptions(("markers",), 60, changed=base)
        asked = ScanRequest(
            path=trap.path, kind="folder", wanted=wanted, baseline=base, vex=(), fail_on="high", namespace=""
        )
        report, _ = asyncio.run(scanning.scan(asked))
        assert [one.state for one in report.tools if one.tool == "markers"] == [ScanState.COMPLETE]
    assert not trap.marker.exists()


def test_a_scanner_that_calls_git_in_what_it_scans_runs_nothing_either(trap: Trap, tmp_path: Path) -> None:
    from activities.scans.running.sandbox import environment

    for words in ("status", "ls-files --others", "log -1", "diff"):
        subprocess.run(
            ["git", *words.split()], cwd=trap.path, env=environment(tmp_path), capture_output=True, check=False
        )
    assert not trap.marker.exists()


def test_a_repository_in_the_folder_runs_nothing_either(trap: Trap, tmp_path: Path) -> None:
    """A submodule's own settings: git would ask for its state there."""
    inner = trap.path / "inner"
    shutil.copytree(trap.path, inner, ignore=shutil.ignore_patterns("inner"))
    plain("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "filter.evil.required=false", "-c",
          "filter.evil.clean=", "-c", "filter.evil.process=", "add", "inner", cwd=trap.path)  # fmt: skip
    trap.marker.unlink(missing_ok=True)
    (inner / "file.txt").write_text("dirty inner\n")
    mirrors = Mirrors(tmp_path / "mirrors")
    repo, commit = mirrors.snapshot(trap.path)
    (trap.path / ".gitignore").write_text("inner\n")
    repo, commit = mirrors.snapshot(trap.path)
    check_out(mirrors, repo, commit, tmp_path / "x", CheckoutSpec(submodules=True, recursive=True))
    git.differing(trap.path, trap.first)
    assert (tmp_path / "x" / "inner" / "file.txt").read_text() == "two\n"
    assert not trap.marker.exists(), trap.marker.read_text()


def test_a_bare_repository_and_its_hook_run_nothing(trap: Trap, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    plain("-c", "core.fsmonitor=false", "clone", "-q", "--bare", "--no-local", trap.path, bare, cwd=tmp_path)
    trap.set(bare)
    trap.marker.unlink(missing_ok=True)
    [made] = deliveries.push(bare, "0" * 40, trap.head, "refs/heads/main", "ann")
    Mirrors(tmp_path / "mirrors").checkout(str(bare), made.event.commit, tmp_path / "x")
    assert (tmp_path / "x" / "file.txt").read_text() == "two\n"
    assert not trap.marker.exists()


def test_filters_of_the_users_own_settings_run_for_no_stranger(trap, tmp_path, monkeypatch):
    (tmp_path / "config").write_text(f'[filter "evil"]\n\tsmudge = {trap.program}\n\tclean = {trap.program}\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "config").rename(tmp_path / ".gitconfig")
    mirrors = Mirrors(tmp_path / "mirrors")
    mirrors.checkout(*mirrors.snapshot(trap.path), tmp_path / "x")
    if shutil.which("git-lfs"):
        check_out(mirrors, str(trap.path), trap.head, tmp_path / "y", CheckoutSpec(lfs=True))
    assert not trap.marker.exists()


def test_filters_of_the_users_own_settings_are_switched_off_where_the_rest_of_them_counts(trap, tmp_path, monkeypatch):
    """LFS files come from elsewhere with the user's passwords."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(f'[filter "e.v"]\n\tsmudge = {trap.program}\n[filter "lfs"]\n\tclean = x\n')
    off = checkouts._no_other_filters()
    assert [one for one in off if one != "-c"] == [
        "filter.e.v.clean=", "filter.e.v.smudge=", "filter.e.v.process=", "filter.e.v.required=false",
    ]  # fmt: skip


def test_an_object_is_what_its_id_says(trap: Trap) -> None:
    """`git replace` shows another commit in the place of an approved one."""
    plain("-c", "core.fsmonitor=false", "update-ref", f"refs/replace/{trap.head}", trap.first, cwd=trap.path)
    assert git.describe(trap.path, trap.head).message == "two"


def test_no_mailmap_of_a_commit_gives_its_authors_other_names(tmp_path: Path) -> None:
    """Who wrote a range of commits counts for four eyes."""
    from activities.source import change_range

    trap = Trap(tmp_path)
    (trap.path / ".mailmap").write_text("Somebody Else <else@example.org> <a@b>\n")
    plain("add", ".mailmap", cwd=trap.path)
    plain("commit", "-qm", "three", cwd=trap.path)
    trap.set()
    head = git.resolve(trap.path, "HEAD")
    found = change_range.between(trap.path, trap.first, head)
    assert found.authors == ("a <a@b>",)
    assert git.origin(trap.path) == "ssh://x/y"
    assert not trap.marker.exists()


def test_only_one_function_of_the_product_starts_git() -> None:
    root = Path(__file__).parents[3]
    sources = {file: file.read_text() for name in ("activities", "workers") for file in (root / name).rglob("*.py")}
    started = {file.relative_to(root).as_posix() for file, text in sources.items() if '["git"' in text}
    assert started == {"activities/source/running.py", "activities/source/views.py", "workers/demo/demo.py"}
    raw = {file.relative_to(root).as_posix() for file, text in sources.items() if "git.git(" in text}
    assert raw == set()
