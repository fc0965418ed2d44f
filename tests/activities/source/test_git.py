"""Repositories that are far away or cannot call us: what is fetched, what is refused, and what is seen of pushes."""

import dataclasses
import json
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.source import git, views
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from activities.triggers.delivery import FETCH_ATTEMPTS, DeliveryActivities
from domain.core.errors import SluicewayError
from domain.pipelines.reference import GitReference
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from tests.support.lab import Repo
from workers.client.repository_poller import Watcher, address_of
from workers.worker.definition_reader import YamlReader

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\n"
DEFINITION = HEAD + "jobs: {a: {run: x}}\n"


@pytest.fixture
def repo(tmp_path):
    return Repo.create(tmp_path / "r", {"sluiceway.yaml": DEFINITION})


@pytest.fixture
def served(repo):
    """The repository over HTTP, as an address that is not of this machine's files."""
    handler = partial(_Quiet, directory=repo.path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/.git"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


def publish(repo):
    git.git("update-server-info", cwd=repo.path)


def test_a_file_of_another_repository_is_read_at_its_commit(tmp_path, repo):
    old = repo.head
    repo.commit({"sluiceway.yaml": "changed"})
    reference = GitReference(f"file://{repo.path}", old, "sluiceway.yaml")

    assert Mirrors(tmp_path / "m").read(reference) == DEFINITION.encode()
    assert Mirrors(tmp_path / "m").read(GitReference(reference.url, old, "gone.yaml")) is None


def test_a_commit_that_no_branch_or_tag_leads_to_is_refused(tmp_path, repo):
    lost = repo.commit({"sluiceway.yaml": "by a stranger"})
    git.git("reset", "-q", "--hard", "HEAD~1", cwd=repo.path)

    with pytest.raises(SluicewayError, match="is not in"):
        Mirrors(tmp_path / "m").read(GitReference(f"file://{repo.path}", lost, "sluiceway.yaml"))


def test_an_address_that_would_run_a_command_is_refused_by_git(tmp_path):
    with pytest.raises(SluicewayError, match="cannot be read") as failed:
        git.remote_refs(f"ext::touch {tmp_path}/owned")
    assert "not allowed" in failed.value.why
    assert not (tmp_path / "owned").exists()


def test_a_network_that_is_down_can_be_told_from_a_commit_that_is_not_there(tmp_path, served, repo):
    publish(repo)
    with pytest.raises(SluicewayError) as missing:
        Mirrors(tmp_path / "m").fetch(served, "f" * 40)
    with pytest.raises(SluicewayError) as down:
        Mirrors(tmp_path / "m").fetch("http://127.0.0.1:1/r.git", "f" * 40)

    assert (missing.value.code, down.value.code) == ("SLW815", "SLW816")


@pytest.mark.parametrize("attempt", [1, FETCH_ATTEMPTS])
async def test_a_used_repository_that_is_away_is_asked_again_before_it_is_a_problem(tmp_path, attempt):
    used = f"jobs: {{a: {{uses: 'git+ssh://nobody@127.0.0.1:1/r.git@{'a' * 40}'}}}}\n"
    repo = Repo.create(tmp_path / "r", {"sluiceway.yaml": HEAD + used})
    activities = DeliveryActivities(FolderStore(tmp_path / "s"), Mirrors(tmp_path / "m"), YamlReader(), Everything())
    event = Event(EventKind.MANUAL, str(repo.path), repo.head)
    delivery = Delivery("d", event, "sluiceway.yaml", SourceRef(str(repo.path), repo.head), "web")
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=attempt)

    if attempt == 1:
        with pytest.raises(ApplicationError) as away:
            await environment.run(activities.read_definition, delivery)
        assert (away.value.type, away.value.non_retryable) == ("SLW816", False)
    else:
        reading = await environment.run(activities.read_definition, delivery)
        assert reading.starts
        assert "SLW604" in reading.problems[0]


def watcher(tmp_path, address):
    return Watcher(address, Mirrors(tmp_path / "m"), tmp_path / "watched")


def seen(watching):
    return {ref: [d.id for d in deliveries] for ref, _, deliveries in watching.pushes()}


def test_only_pushes_after_the_first_look_are_found_and_each_until_it_was_delivered(tmp_path, repo, served):
    publish(repo)
    first = watcher(tmp_path, served)
    first.begin()
    assert seen(first) == {}

    old, new = repo.head, repo.commit({"b": "1"})
    publish(repo)
    found = {"refs/heads/main": [f"push:refs/heads/main:{old[:12]}:{new}:sluiceway.yaml"]}
    assert seen(first) == found
    assert seen(watcher(tmp_path, served)) == found  # another process, after the first was killed before it delivered

    first.done("refs/heads/main", new)
    assert seen(watcher(tmp_path, served)) == {}


def test_a_push_names_what_changed_and_where_it_lies(tmp_path, repo, served):
    publish(repo)
    watching = watcher(tmp_path, served)
    watching.begin()
    repo.commit({"docs/a.md": "1"})
    publish(repo)
    [(_, _, [delivery])] = watching.pushes()

    assert delivery.event.changed_files == ("docs/a.md",)
    assert (delivery.source.repo, delivery.event.repo, delivery.pipeline) == (served, served, "web")


def test_a_forced_push_and_a_tag_and_a_branch_that_went_are_seen(tmp_path, repo):
    git.git("branch", "old", cwd=repo.path)
    watching = watcher(tmp_path, str(repo.path))
    watching.begin()
    git.git("checkout", "-q", "--orphan", "fresh", cwd=repo.path)
    repo.commit({"c": "1"})
    git.git("branch", "-q", "-M", "main", cwd=repo.path)
    git.git("branch", "-q", "-D", "old", cwd=repo.path)
    who = ("-c", "user.name=developer", "-c", "user.email=developer@example.org")
    git.git(*who, "tag", "-a", "v1", "-m", "first", cwd=repo.path)
    pushes = {ref: deliveries for ref, _, deliveries in watching.pushes()}

    assert set(pushes) == {"refs/heads/main", "refs/tags/v1"}
    assert pushes["refs/heads/main"][0].event.changed_files == ("c", "sluiceway.yaml")
    assert pushes["refs/tags/v1"][0].event.tag == "v1"


def test_a_broken_memory_is_as_none(tmp_path, repo):
    watching = watcher(tmp_path, str(repo.path))
    watching.begin()
    next((tmp_path / "watched").glob("*.json")).write_text("[")

    assert not watcher(tmp_path, str(repo.path)).known


@pytest.mark.parametrize(
    ("text", "code"), [("https://me:word@git.example.org/r", "SLW508"), ("/nowhere", "SLW504"), (".", "SLW504")]
)
def test_what_cannot_be_watched_is_refused(tmp_path, monkeypatch, text, code):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SluicewayError) as refused:
        address_of(text)

    assert refused.value.code == code


def test_the_memory_is_readable_by_people(tmp_path, repo):
    watching = watcher(tmp_path, str(repo.path))
    watching.begin()
    kept = json.loads(next((tmp_path / "watched").glob("*.json")).read_text())

    assert kept == {"address": str(repo.path), "refs": {"refs/heads/main": repo.head}}
    assert subprocess.run(["git", "-C", str(repo.path), "status", "--short"], capture_output=True).stdout == b""


def test_a_repository_that_is_gone_stays_as_it_was_known(tmp_path):
    repo, mirrors = Repo.create(tmp_path / "repo", {"a": "1"}), Mirrors(tmp_path / "mirrors")
    mirror = mirrors.fetch(str(repo.path), repo.head)
    newer = repo.commit({"a": "2"})
    mirrors.refresh(str(repo.path))
    shutil.rmtree(repo.path)
    mirrors.refresh(str(repo.path))

    assert git.resolve(mirror, "refs/heads/main") == newer


def test_a_machine_without_git_is_told_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SluicewayError, match="SLW811"):
        git.git("version")


def test_a_command_that_fails_has_the_words_of_git(tmp_path):
    with pytest.raises(SluicewayError, match=r"SLW813[\s\S]*not a git repository") as failed:
        git.git("log", cwd=tmp_path)
    assert failed.value.transient


def test_a_command_that_takes_too_long_is_tried_again(repo):
    with pytest.raises(SluicewayError, match="SLW812") as failed:
        git.git("cat-file", "--batch", cwd=repo.path, timeout_s=0)
    assert failed.value.transient


def test_a_folder_that_cannot_be_fetched_is_not_tried_again(tmp_path, repo):
    mirrors = Mirrors(tmp_path / "m")
    with pytest.raises(SluicewayError, match="SLW813") as failed:
        mirrors.fetch(str(tmp_path / "gone"), repo.head)
    assert not failed.value.transient


def test_a_commit_is_named_by_its_full_id(repo):
    with pytest.raises(SluicewayError, match="SLW814"):
        git.read_file(repo.path, "HEAD", "sluiceway.yaml") or git.has(repo.path, "HEAD")


def test_a_file_that_changes_in_the_second_of_its_commit_differs(repo):
    """git compares times by the second, and reads files as old as the index: its copy must be as old."""
    path = repo.path / "sluiceway.yaml"
    path.write_text(DEFINITION.replace("x", "y"))
    index = repo.path / ".git" / "index"
    with views.opened(repo.path, index=True) as (view, _):
        assert (view / "index").stat().st_mtime_ns == index.stat().st_mtime_ns
    assert git.differing(repo.path, "HEAD") == ["sluiceway.yaml"]
