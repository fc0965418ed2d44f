"""The store, git, artifacts, reports, records: against real folders and real git."""

import io
import os
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.core.secrets import resolve
from activities.jobs import junit as test_reports
from activities.jobs.logs import Follower
from activities.source import git
from activities.source.git import Mirrors
from activities.storage import artifacts
from activities.storage.stores.folder import FolderStore
from domain.core.errors import SluicewayError
from domain.pipelines.steps import TestSpec
from tests.support.lab import Repo


@given(st.binary(max_size=500))
def test_what_is_stored_comes_back_and_the_same_bytes_are_one_object(tmp_path_factory, data):
    store = FolderStore(tmp_path_factory.mktemp("store"))

    assert store.get(store.put(data)) == data
    assert store.put(data) == store.put(data)


def test_a_changed_or_missing_object_is_never_returned(tmp_path):
    store = FolderStore(tmp_path)
    digest = store.put(b"evidence")
    store.path(digest).write_bytes(b"forged")

    with pytest.raises(SluicewayError, match="changed on disk"):
        store.get(digest)
    with pytest.raises(SluicewayError, match="not in the store"):
        store.get("0" * 64)


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


def test_artifacts_travel_and_the_same_files_are_the_same_digest(tmp_path):
    store = FolderStore(tmp_path / "s")
    for folder in ("one", "two"):
        (tmp_path / folder / "out").mkdir(parents=True)
        (tmp_path / folder / "out" / "f").write_text("x")
    first, count = artifacts.pack(store, tmp_path / "one", ("out",))

    assert artifacts.pack(store, tmp_path / "two", ("out/**",)) == (first, 1)
    artifacts.unpack(store, first, tmp_path / "to")
    assert (tmp_path / "to" / "out" / "f").read_text() == "x"
    assert count == 1


def test_an_artifact_that_matches_nothing_is_an_error(tmp_path):
    with pytest.raises(SluicewayError, match="SLW821: no file matches dist"):
        artifacts.pack(FolderStore(tmp_path / "s"), tmp_path, ("dist/**",))


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "link"])
def test_an_archive_cannot_leave_its_folder(tmp_path, name):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member, io.BytesIO(b""))
    store = FolderStore(tmp_path / "s")

    with pytest.raises(SluicewayError, match=r"SLW823.*unsafe"):
        artifacts.unpack(store, store.put(buffer.getvalue()), tmp_path / "to")


def test_entities_in_a_test_report_are_refused(tmp_path):
    (tmp_path / "r.xml").write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite><testcase name="&a;"/></testsuite>')
    report = test_reports.read(tmp_path, TestSpec(junit=("*.xml",)))

    assert report.cases == ()
    assert "cannot be read" in report.problems[0]


def test_cobertura_lines_are_counted_over_all_files(tmp_path):
    (tmp_path / "c.xml").write_text('<coverage><line number="1" hits="1"/><line number="2" hits="0"/></coverage>')

    assert test_reports.read(tmp_path, TestSpec(coverage=("c.xml",))).coverage_percent == 50


def test_a_secret_that_is_not_there_is_named_by_reference(tmp_path, monkeypatch):
    (tmp_path / "s").write_text("value\n")
    monkeypatch.setenv("A_SECRET", "x")

    assert resolve({"A": "env:A_SECRET", "B": f"file:{tmp_path}/s"}) == {"A": "x", "B": "value"}
    with pytest.raises(SluicewayError, match="cannot be read"):
        resolve({"C": f"file:{tmp_path}/none"})


def test_a_follower_gives_each_line_once_and_waits_for_half_ones(tmp_path):
    log = tmp_path / "log.jsonl"
    line = '{"n": %d, "t": 1, "s": 1, "o": "out", "l": "x"}\n'
    follower = Follower(tmp_path, FolderStore(tmp_path / "s"))
    log.write_text(line % 1 + (line % 2)[:10])

    assert [x.number for x in follower.new_lines()] == [1]
    log.write_text(line % 1 + line % 2)
    assert [x.number for x in follower.new_lines()] == [2]
    assert follower.new_lines() == []


def test_an_archive_cannot_fill_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(artifacts, "MAX_UNPACKED_BYTES", 3)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "f").write_text("four")
    store = FolderStore(tmp_path / "s")
    digest, _ = artifacts.pack(store, tmp_path / "one", ("f",))

    with pytest.raises(SluicewayError, match="SLW822"):
        artifacts.unpack(store, digest, tmp_path / "to")
