"""A folder as it is now, as a commit: what is in it, and that the same is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.source import git
from activities.source.mirrors import Mirrors
from tests.support.lab import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo", {"a": "1", ".gitignore": "ignored\nkept\n", "kept": "1", "ignored": "1"})


@pytest.fixture
def mirrors(tmp_path: Path) -> Mirrors:
    return Mirrors(tmp_path / "mirrors")


def files(mirrors: Mirrors, repo: Repo) -> dict[str, bytes | None]:
    name, commit = mirrors.snapshot(repo.path)
    mirror = mirrors.path(name)
    return {path: git.read_file(mirror, commit, path) for path in git.list_files(mirror, commit)}


def test_a_folder_in_which_nothing_changed_is_the_same_commit(repo: Repo, mirrors: Mirrors) -> None:
    assert mirrors.snapshot(repo.path) == mirrors.snapshot(repo.path)


@pytest.mark.parametrize("name", ["a", "new"])
def test_what_changed_since_the_last_snapshot_is_in_the_next(repo: Repo, mirrors: Mirrors, name: str) -> None:
    files(mirrors, repo)
    (repo.path / name).write_text("2")

    assert files(mirrors, repo)[name] == b"2"


def test_an_ignored_file_is_taken_from_the_moment_the_repository_tracks_it(repo: Repo, mirrors: Mirrors) -> None:
    assert "kept" not in files(mirrors, repo)
    git.git("add", "-f", "kept", cwd=repo.path)
    assert files(mirrors, repo)["kept"] == b"1"

    (repo.path / "kept").write_text("2")

    assert files(mirrors, repo)["kept"] == b"2"


def test_what_is_checked_out_is_told_with_its_branch(repo: Repo, tmp_path: Path) -> None:
    known = git.head(repo.path)

    assert known is not None
    assert (known[0].sha, known[1]) == (repo.head, git.branch(repo.path))
    git.git("worktree", "add", "-q", "-b", "beside", str(tmp_path / "beside"), cwd=repo.path)
    assert git.branch(tmp_path / "beside") == "beside"
    git.git("checkout", "-q", "--detach", cwd=repo.path)
    assert git.branch(repo.path) == ""


def test_the_top_of_a_repository_is_found_from_a_file_deep_in_it(repo: Repo, tmp_path: Path) -> None:
    assert git.top_of(repo.path / "deep" / "er" / "p.yaml") == repo.path
    assert git.top_of(tmp_path / "elsewhere" / "p.yaml") is None
