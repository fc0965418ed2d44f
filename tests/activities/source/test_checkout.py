"""Commits, mirrors and checkouts, with real git."""

import os

import pytest

from activities.source import git
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError
from tests.support.lab import Repo


def test_a_checkout_is_exactly_the_commit(tmp_path):
    repo = Repo.create(tmp_path / "r", {"a": "1", "d/b": "2"})
    old = repo.head
    repo.commit({"a": "changed", "new": "x"})
    mirrors = Mirrors(tmp_path / "m")
    mirrors.checkout(str(repo.path), old, tmp_path / "w")

    assert sorted(p.relative_to(tmp_path / "w").as_posix() for p in (tmp_path / "w").rglob("*") if p.is_file()) == [
        "a",
        "d/b",
    ]
    assert (tmp_path / "w" / "a").read_text() == "1"


def test_a_run_does_not_need_the_repository_once_it_is_mirrored(tmp_path):
    repo = Repo.create(tmp_path / "r", {"a": "1"})
    mirrors = Mirrors(tmp_path / "m")
    mirrors.fetch(str(repo.path), repo.head)
    os.rename(repo.path, tmp_path / "gone")
    mirrors.checkout(str(repo.path), repo.head, tmp_path / "w")

    assert (tmp_path / "w" / "a").exists()


@pytest.mark.parametrize("commit", ["main", "--upload-pack=x", "0" * 39, "f" * 40])
def test_what_is_no_known_commit_is_refused(tmp_path, commit):
    repo = Repo.create(tmp_path / "r", {"a": "1"})

    with pytest.raises(SluicewayError):
        Mirrors(tmp_path / "m").fetch(str(repo.path), commit)


def test_a_snapshot_holds_uncommitted_changes_and_the_same_content_is_the_same_commit(tmp_path):
    repo = Repo.create(tmp_path / "r", {"a": "1", ".gitignore": "junk\n"})
    (repo.path / "a").write_text("uncommitted")
    (repo.path / "junk").write_text("x")
    mirrors = Mirrors(tmp_path / "m")
    name, commit = mirrors.snapshot(repo.path)
    mirrors.checkout(name, commit, tmp_path / "w")

    assert (tmp_path / "w" / "a").read_text() == "uncommitted"
    assert not (tmp_path / "w" / "junk").exists()
    assert mirrors.snapshot(repo.path) == (name, commit)
    assert git.resolve(repo.path, "HEAD") == repo.head


def test_changed_files_of_a_first_push_are_all_files(tmp_path):
    repo = Repo.create(tmp_path / "r", {"a": "1", "b c": "2"})

    assert git.changed_files(repo.path, "0" * 40, repo.head) == ("a", "b c")
