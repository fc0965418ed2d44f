"""What a push starts, and what it is compared with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from activities.source import git
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError
from tests.support.lab import Repo
from workers.client import deliveries
from workers.client.repository_poller import Watcher

NONE = "0" * 40
TEXT = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs: {a: {run: 'true'}}\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT, "src/a.py": "1", "docs/a.md": "1"})


def changed(repo: Repo, old: str, ref: str) -> set[str]:
    (delivery,) = deliveries.push(repo.path, old, repo.head, ref, "")
    return set(delivery.event.changed_files)


def moved(state: Path, repo: Repo, old: str, new: str, ref: str) -> list[str]:
    time = deliveries.remembered_move(state, repo.path, old, new, ref)
    return [found.id for found in deliveries.push(repo.path, old, new, ref, "", time=time)]


def test_a_new_branch_is_compared_with_where_it_left_the_default_branch(repo: Repo) -> None:
    git.git("checkout", "-q", "-b", "topic", cwd=repo.path)
    repo.commit({"src/b.py": "1"})

    assert changed(repo, NONE, "refs/heads/topic") == {"src/b.py"}


def test_a_forced_push_over_a_commit_that_is_gone_is_compared_with_it_too(repo: Repo) -> None:
    git.git("checkout", "-q", "-b", "topic", cwd=repo.path)
    repo.commit({"src/b.py": "1"})

    assert changed(repo, "b" * 40, "refs/heads/topic") == {"src/b.py"}


def test_the_first_push_of_the_default_branch_changes_every_file(repo: Repo) -> None:
    assert changed(repo, NONE, "refs/heads/main") == {"sluiceway.yaml", "src/a.py", "docs/a.md"}


def test_a_branch_without_a_common_history_changes_every_file(repo: Repo) -> None:
    git.git("checkout", "-q", "--orphan", "fresh", cwd=repo.path)
    repo.commit({"c": "1"})

    assert changed(repo, NONE, "refs/heads/fresh") == {"sluiceway.yaml", "src/a.py", "docs/a.md", "c"}


def test_a_tag_pushed_again_is_another_delivery_and_the_same_lines_are_not(tmp_path: Path, repo: Repo) -> None:
    state, tag = tmp_path / "pushed", "refs/tags/v1"
    first = moved(state, repo, NONE, repo.head, tag)
    again = moved(state, repo, NONE, repo.head, tag)
    moved(state, repo, repo.head, NONE, tag)
    second = moved(state, repo, NONE, repo.head, tag)

    assert first == again == [f"push:{tag}:{'0' * 12}:{repo.head}:sluiceway.yaml"]
    assert second == [f"push:{tag}:{'0' * 12}:{repo.head}:2:sluiceway.yaml"]
    assert moved(state, repo, NONE, repo.head, tag) == second


def test_a_watched_tag_that_went_and_came_again_is_another_delivery(tmp_path: Path, repo: Repo) -> None:
    def ids() -> list[str]:
        watching = Watcher(str(repo.path), Mirrors(tmp_path / "m"), tmp_path / "watched")
        found = list(watching.pushes())
        for ref, sha, _ in found:
            watching.done(ref, sha)
        return [one.id for _, _, made in found for one in made]

    Watcher(str(repo.path), Mirrors(tmp_path / "m"), tmp_path / "watched").begin()
    seen = []
    for command in (("tag", "v1"), ("tag", "-d", "v1"), ("tag", "v1"), ("tag", "-d", "v1"), ("tag", "v1")):
        git.git(*command, cwd=repo.path)
        seen += ids()

    assert len(set(seen)) == len(seen) == 3


@pytest.mark.parametrize(
    ("ref", "object_", "words"),
    [
        ("refs/tags/v1", "HEAD^{tree}", "tag v1 names a tree, not a commit"),
        ("refs/tags/v1", "HEAD:src/a.py", "tag v1 names a blob, not a commit"),
        ("refs/notes/commits", "HEAD", "refs/notes/commits is no branch and no tag"),
        ("refs/tags/v1", "HEAD", ""),
        ("refs/heads/main", "HEAD", ""),
    ],
)
def test_what_is_no_commit_starts_nothing_and_is_told_as_what_it_is(
    repo: Repo, ref: str, object_: str, words: str
) -> None:
    id_ = git.git("rev-parse", object_, cwd=repo.path).decode().strip()

    assert deliveries.why_nothing(repo.path, id_, ref) == words


def test_an_annotated_tag_of_a_tree_is_told_through_the_tag(repo: Repo) -> None:
    who = ("-c", "user.name=d", "-c", "user.email=d@example.org")
    git.git(*who, "tag", "-a", "v1", "-m", "x", "HEAD^{tree}", cwd=repo.path)
    id_ = git.git("rev-parse", "refs/tags/v1", cwd=repo.path).decode().strip()

    assert deliveries.why_nothing(repo.path, id_, "refs/tags/v1") == "tag v1 names a tree, not a commit"


def test_a_watched_tag_of_a_tree_is_told_and_does_not_stop_the_watch(tmp_path: Path, repo: Repo) -> None:
    watching = Watcher(str(repo.path), Mirrors(tmp_path / "m"), tmp_path / "watched")
    watching.begin()
    git.git("tag", "v1", "HEAD^{tree}", cwd=repo.path)
    ((ref, sha, found),) = watching.pushes()

    assert found == []
    assert watching.passed_over(ref, sha) == ["tag v1 names a tree, not a commit"]
    with pytest.raises(SluicewayError, match="SLW818"):
        watching.mirrors.fetch(str(repo.path), sha)


def test_a_deleted_branch_is_told(repo: Repo) -> None:
    assert deliveries.why_nothing(repo.path, NONE, "refs/heads/x") == "branch x was deleted"


def test_links_submodules_and_names_in_other_encodings_start_nothing_and_are_told(repo: Repo) -> None:
    folder = repo.path / ".sluiceway"
    folder.mkdir()
    (folder / "good.yaml").write_text(TEXT)
    (folder / "link.yaml").symlink_to("good.yaml")
    (folder / "notes.md").write_text("x")
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.yaml")).write_text(TEXT)
    git.git("add", ".", cwd=repo.path)
    git.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head},.sluiceway/sub.yaml", cwd=repo.path)
    who = ("-c", "user.name=d", "-c", "user.email=d@example.org")
    git.git(*who, "commit", "-q", "-m", "x", cwd=repo.path)
    paths, told = deliveries.definition_paths(repo.path, git.resolve(repo.path, "HEAD"))

    assert paths == [".sluiceway/good.yaml", "sluiceway.yaml"]
    assert sorted(told) == [
        ".sluiceway/link.yaml is a symbolic link, not a file: it starts nothing",
        ".sluiceway/sub.yaml is a submodule, not a file: it starts nothing",
        r"the name of .sluiceway/caf\xe9.yaml is not UTF-8: it starts nothing",
    ]


def test_a_link_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "r", {"real/x.yaml": TEXT})
    (repo.path / ".sluiceway").symlink_to("real")
    repo.commit({})

    assert deliveries.definition_paths(repo.path, repo.head) == (
        [],
        [".sluiceway is a symbolic link, not a folder of definitions: it starts nothing"],
    )


@pytest.mark.parametrize(
    ("written", "name"), [("on", "on"), ("yes", "yes"), ("null", "r-p"), ("12", "r-p"), ("[", "r-p")]
)
def test_a_name_is_read_as_the_definition_is(written: str, name: str) -> None:
    """Where `on` is a word, and not a boolean as in YAML 1.1."""
    text = f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: {written}\n"

    assert deliveries.pipeline_name(text.encode(), "p.yaml", Path("/r.git")) == name


def test_a_snapshot_of_another_home_is_no_address_for_git(tmp_path: Path, repo: Repo) -> None:
    address, commit = Mirrors(tmp_path / "one").snapshot(repo.path)
    with pytest.raises(SluicewayError, match="SLW819") as told:
        Mirrors(tmp_path / "other").fetch(address, commit)

    assert str(repo.path) in str(told.value)
    assert not told.value.transient


def test_a_folder_that_is_gone_is_not_called_a_machine_without_git(tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match="does not exist"):
        git.git("status", cwd=tmp_path / "gone")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_repository_of_another_user_is_told_with_what_to_do(
    tmp_path: Path, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SUDO_UID", raising=False)
    for path in (repo.path, *repo.path.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)
    with pytest.raises(SluicewayError, match="SLW817") as told:
        Mirrors(tmp_path / "m").fetch(str(repo.path), repo.head)

    assert f"git config --global --add safe.directory {repo.path}" in str(told.value)
    assert not told.value.transient


def test_a_link_in_place_of_a_file_is_not_read_as_its_content(repo: Repo) -> None:
    (repo.path / "link.yaml").symlink_to("sluiceway.yaml")
    (repo.path / "[x].yaml").write_text("short")
    repo.commit({})
    with pytest.raises(SluicewayError, match="SLW601"):
        git.read_file(repo.path, repo.head, "link.yaml")

    assert git.read_file(repo.path, repo.head, "[x].yaml") == b"short"
    assert git.read_file(repo.path, repo.head, "gone.yaml") is None
