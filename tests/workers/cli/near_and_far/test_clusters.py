"""Clusters of a server are planned, signed and begun at the command line; what a server slips in is not signed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from domain.access.principal import Caller, Principal, PrincipalKind
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from tests.support.far import ORIGIN, server
from tests.support.guards import OpenGuard
from tests.support.memory_client import World, memory_client
from tests.workers.cli.near_and_far.conftest import Said
from workers.client.ports.clusters import ClusterPlan, ClusterWish
from workers.remote import client
from workers.remote.client import http_of
from workers.remote.clusters import RemoteClusters
from workers.remote.signing import made_key

ANN = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"))
SIGNED = ("--key", "ann.key", "--yes", "--no-wait")


@pytest.fixture
def say(far: Said, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    app = server(memory_client(world, OpenGuard(ANN)))
    transport = httpx2.ASGITransport(app)  # type: ignore[arg-type]
    monkeypatch.setattr(client, "http_of", lambda origin, token="": http_of(ORIGIN, token, transport=transport))
    made_key(tmp_path / "ann.key")
    return far


def test_a_cluster_is_made_from_a_template_of_the_server(say: Said, world: World) -> None:
    assert "simulated" in say("cluster", "templates").output
    wanted = ("--template", "simulated", "--name", "new", "--set", "nodes=2")
    assert "+ node new-web-0" in say("cluster", "plan", *wanted).output
    assert "new" not in world.cluster_lives
    assert "cluster/new is in progress" in say("cluster", "create", *wanted, *SIGNED).output
    assert [(name, signed is not None) for name, signed in world.cluster_orders] == [("new", True)]
    assert "under way" in say("cluster", "progress", "new").output


def test_a_definition_of_ones_own_is_sent_as_text_and_its_errors_have_lines(say: Said, tmp_path: Path) -> None:
    text = "apiVersion: sluiceway/v1\nkind: Cluster\nname: mine\ncluster:\n  provider: kwok\n  runtime: podman\n"
    (tmp_path / "mine.yaml").write_text(text)
    assert "line 6" in say("cluster", "plan", "mine.yaml").output
    wrong = say("cluster", "create", "mine.yaml", *SIGNED, fails=DefinitionError).exception
    assert isinstance(wrong, DefinitionError)
    (tmp_path / "mine.yaml").write_text(text.replace("podman", "containerd"))
    assert "in progress" in say("cluster", "create", "mine.yaml", *SIGNED).output


def test_clusters_are_changed_repaired_and_deleted_with_what_is_lost(say: Said, world: World) -> None:
    assert "2 to create" in say("cluster", "scale", "eu-1", "main=6", *SIGNED).output
    assert "us-1 is in progress" in say("cluster", "upgrade", "us-1", "1.34", *SIGNED).output
    assert "automatic repair of apac-1" in say("cluster", "guard", "apac-1", *SIGNED[:3]).output
    gone = say("cluster", "delete", "apac-1", *SIGNED).output
    assert "lost:" in gone
    assert world.cluster_lives["apac-1"].status == "deleting"


def test_nothing_is_begun_without_a_key_or_a_yes(say: Said, world: World) -> None:
    refused = say("cluster", "delete", "us-1", fails=RefusedError).exception
    assert isinstance(refused, RefusedError)
    assert refused.code == "SLW871"
    assert say("cluster", "delete", "us-1", "--key", "ann.key").exit_code != 0
    assert world.cluster_orders == []


@pytest.mark.parametrize("slipped", ["cluster", "definition", "kind", "person", "home", "nothing"])
def test_what_a_server_slips_in_is_not_signed(
    say: Said, world: World, slipped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = RemoteClusters.plan

    async def lying(self: RemoteClusters, wish: ClusterWish) -> ClusterPlan:
        plan = await honest(self, wish)
        assert plan.order is not None
        lies = {
            "cluster": replace(plan, order=replace(plan.order, cluster="prod")),
            "home": replace(plan, order=replace(plan.order, home="another")),
            "definition": replace(plan, definition=plan.definition + " "),
            "kind": replace(plan, order=replace(plan.order, kind="delete", what="")),
            "person": replace(plan, order=replace(plan.order, person="person:bob")),
        }
        return lies.get(slipped, plan)

    monkeypatch.setattr(RemoteClusters, "plan", lying)
    wanted = ("cluster", "create", "--template", "simulated", "--name", "new", *SIGNED)
    if slipped == "nothing":
        assert "in progress" in say(*wanted).output
        return
    refused = say(*wanted, fails=SluicewayError).exception
    assert isinstance(refused, SluicewayError)
    assert refused.code == "SLW478"
    assert world.cluster_orders == []


def test_clusters_of_a_server_are_listed_and_shown_under_the_names_that_they_have_near(say: Said) -> None:
    assert say("cluster", "list").output == say("fleet", "clusters").output
    assert say("cluster", "show", "eu-1").output == say("fleet", "cluster", "eu-1").output


@pytest.mark.parametrize("command", ["register", "probe", "report", "facts"])
def test_what_looks_at_the_machine_says_that_it_is_no_command_of_a_server(say: Said, command: str) -> None:
    refused = say("cluster", command, "eu-1", fails=DefinitionError).exception
    assert isinstance(refused, DefinitionError)
    assert refused.code == "SLW477"


def test_the_manifest_of_a_cluster_that_dials_out_has_a_token_for_telling_of_it_alone(say: Said, world: World) -> None:
    said = say("cluster", "manifest", "dc-1", "--image", "registry.example/sluiceway:1", "--for", "7d")
    items = json.loads(said.stdout)["items"]
    (token,) = (one for one in world.tokens.values() if one.label == "worker in dc-1")

    assert (token.actions, token.resources) == (("clusters:report",), ("cluster:dc-1",))
    assert [one["kind"] for one in items][-1] == "Deployment"
    assert ORIGIN in str(items[-1])


def test_a_cluster_that_is_reached_from_here_has_no_worker_in_it(say: Said, world: World) -> None:
    known = len(world.tokens)
    refused = say("cluster", "manifest", "eu-1", "--image", "x", fails=RefusedError).exception
    assert isinstance(refused, RefusedError)
    assert refused.code == "SLW979"
    assert len(world.tokens) == known
