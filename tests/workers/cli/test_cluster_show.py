"""What `cluster show` tells of a cluster that was looked at."""

import json
from dataclasses import asdict, replace
from types import SimpleNamespace

import pytest

from domain.clusters.facts import ClusterFacts, GatewayClass
from domain.clusters.health import ClusterHealth, NodeRoom
from domain.clusters.lifecycle import Status
from domain.clusters.metadata import epoch
from domain.clusters.policies import Engine
from domain.clusters.spec import ClusterSpec
from workers.cli import cluster_show
from workers.cli.common import print_json
from workflows.clusters.messages import ClusterState

READ = "2026-11-29T17:00:00Z"
FACTS = ClusterFacts(
    cluster="edge",
    read_at=READ,
    version="v1.34.4",
    classes=(GatewayClass(name="public", controller="a.io/b", features=("Gateway",)),),
    policies=(Engine("Kyverno", ("tags",)),),
    pod_security={"shop": "restricted"},
)


def told(monkeypatch, capsys, state, later_s=60.0):
    clock = SimpleNamespace(time=lambda: epoch(READ) + later_s)
    monkeypatch.setattr("workers.cli.cluster_show.time", clock)
    cluster_show.tell(state)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(("later_s", "age"), [(60, "read 1m00s ago"), (7_200, "read 2h00m ago, stale")])
def test_the_last_facts_are_told_with_their_age(monkeypatch, capsys, later_s, age):
    state = ClusterState(ClusterSpec("edge", "registered", pools=()), Status.READY, facts=FACTS)
    assert told(monkeypatch, capsys, state, later_s)[1:] == [
        f"  facts of v1.34.4, {age}:",
        "    GatewayClass public (a.io/b): 1 feature",
        "    policies: Kyverno (tags)",
        "    pod security: shop restricted",
        "    network policies: none seen",
    ]


def test_what_pods_request_is_told_beside_what_nodes_have(monkeypatch, capsys):
    room = NodeRoom(cpu=4, memory_mb=8_192, pods=110, asked_cpu=1.25, asked_memory_mb=2_048, running=7)
    health = ClusterHealth(room=room, rooms=(replace(room, name="n0"),))
    state = ClusterState(ClusterSpec("edge", "registered", pools=()), Status.READY, health=health)
    told_ = "1.25 of 4 cores, 2,048 of 8,192 MB, 7 of 110 pods"
    assert told(monkeypatch, capsys, state)[1:] == [f"  requested: {told_}", f"    n0: {told_}"]


def test_namespaces_that_no_policy_isolates_are_told(monkeypatch, capsys):
    state = ClusterState(ClusterSpec("edge", "host"), Status.READY, health=ClusterHealth(open=("a", "b")))
    assert "  no policy isolates: a, b" in told(monkeypatch, capsys, state)


def test_all_facts_are_in_the_json(capsys):
    print_json(asdict(ClusterState(ClusterSpec("edge", "registered", pools=()), facts=FACTS)))
    said = json.loads(capsys.readouterr().out)["facts"]
    assert said["classes"] == [{"name": "public", "controller": "a.io/b", "features": ["Gateway"]}]
    assert said["policies"] == [{"name": "Kyverno", "rules": ["tags"]}]
