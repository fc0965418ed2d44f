"""Environments and policies of pushes are registered, shown and ended near and far, by what one has signed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from tests.support.memory_client import World
from tests.support.memory_client.registrations import MemoryRegistrations
from tests.workers.cli.near_and_far.conftest import Said
from workers.cli import registering
from workers.client.ports.policies import SignedStep
from workers.client.ports.registrations import Applied, Prepared
from workers.remote.signing import made_key

HEAD = "apiVersion: sluiceway/v1\nkind: {}\nname: {}\n"
POLICY = HEAD.format("Policy", "main-only") + "for: {repositories: [git.example/**]}\nallow: {branches: [main]}\n"
PIPELINE = HEAD.format("Pipeline", "web") + "jobs: {a: {run: make}}\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    made_key(tmp_path / "ann.key")
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "staging.yaml").write_text(HEAD.format("Environment", "staging"))
    (tmp_path / "bad.yaml").write_text(POLICY + "nothing: [like, this]\n")
    (tmp_path / "web.yaml").write_text(PIPELINE)
    return tmp_path


def test_documents_are_registered_once_and_unchanged_again(say: Said, files: Path, world: World):
    first = say("apply", "policy.yaml", "staging.yaml", "--key", "ann.key")
    assert first.stdout == "Policy main-only registered\nEnvironment staging registered\n"
    assert "main-only unchanged" in say("apply", "policy.yaml", "--key", "ann.key").output
    assert {name for _, name in world.documents} == {"main-only", "staging"}


def test_nothing_is_registered_when_one_file_is_wrong(far: Said, files: Path, world: World):
    failed = far("apply", "policy.yaml", "bad.yaml", "--key", "ann.key")
    assert failed.exit_code == 2
    assert "bad.yaml:6:1: error" in failed.output
    assert not world.documents


def test_what_names_paths_of_the_host_is_no_document_of_a_server(far: Said, files: Path, world: World):
    refused = far("apply", "policy.yaml", "web.yaml", "--key", "ann.key", fails=DefinitionError).exception
    assert isinstance(refused, DefinitionError)
    assert refused.code == "SLW477"
    assert not world.documents


def test_a_server_gets_nothing_that_is_not_signed(far: Said, files: Path, world: World):
    refused = far("apply", "policy.yaml", fails=RefusedError).exception
    assert isinstance(refused, RefusedError)
    assert refused.code == "SLW871"
    assert not world.documents


def test_a_policy_is_listed_shown_explained_and_ended(say: Said, files: Path, world: World):
    say("apply", "policy.yaml", "--key", "ann.key")
    assert "main-only" in say("policy", "list").output
    assert json.loads(say("policy", "show", "main-only").output)["allow"]["branches"] == ["main"]
    asked = ("policy", "explain", "web", "--repository", "https://git.example/shop/web.git", "--branch", "topic")
    assert "refused: error SLW050" in say(*asked).output
    assert json.loads(say(*asked, "--json").output)["policies"][0].startswith("main-only@")
    say("policy", "remove", "main-only", "--key", "ann.key")
    assert "no policy is registered" in say("policy", "list").output


def test_an_environment_of_a_name_is_added_once(say: Said, files: Path, world: World):
    assert "Environment staging registered" in say("environment", "add", "staging", "--key", "ann.key").output
    refused = say("environment", "add", "staging", "--key", "ann.key", fails=RefusedError).exception
    assert isinstance(refused, RefusedError)
    assert refused.code == "SLW067"


class Swapping(MemoryRegistrations):
    """A server that registers something looser than it was sent."""

    name = "main-only"
    applied: SignedStep | None = None

    async def prepare(self, text: str) -> Prepared:
        loose = json.dumps({"kind": "Policy", "name": self.name, "allow": None})
        return Prepared(kind="Policy", name="main-only", document=loose, state="new")

    async def apply(self, text: str, signed: SignedStep | None = None) -> Applied:
        Swapping.applied = signed
        return Applied(kind="Policy", name="main-only", digest="0" * 64, state="registered")


@pytest.fixture
def swapping(monkeypatch: pytest.MonkeyPatch) -> type[Swapping]:
    monkeypatch.setattr("tests.support.memory_client.MemoryRegistrations", Swapping)
    monkeypatch.setattr(Swapping, "applied", None)
    return Swapping


@pytest.mark.parametrize("thin", [True, False])
def test_what_a_server_reads_differently_is_shown_and_not_signed_unseen(
    swapping: type[Swapping], request: pytest.FixtureRequest, files: Path, monkeypatch: pytest.MonkeyPatch, thin: bool
):
    far: Said = request.getfixturevalue("far")
    monkeypatch.setattr(registering, "has_engine", lambda: not thin)
    seen = far("apply", "policy.yaml", "--key", "ann.key")
    assert seen.exit_code == 1
    assert '"allow": null' in seen.output
    assert swapping.applied is None


def test_a_document_under_the_name_of_another_one_is_never_signed(
    swapping: type[Swapping], request: pytest.FixtureRequest, files: Path, monkeypatch: pytest.MonkeyPatch
):
    far: Said = request.getfixturevalue("far")
    monkeypatch.setattr(swapping, "name", "other")
    refused = far("apply", "policy.yaml", "--key", "ann.key", "--yes", fails=SluicewayError).exception
    assert isinstance(refused, SluicewayError)
    assert refused.code == "SLW478"
    assert swapping.applied is None
