"""Parts of a cluster are started, found again and ended; nothing of them is left, whoever ends them."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from activities.clusters import add_ons, in_cluster
from activities.clusters.processes import Components
from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.control_plane import ControlPlane
from activities.clusters.providers.local.host_node import HostNode
from activities.clusters.providers.local.parts.coredns import corefile
from activities.clusters.providers.local.parts.port import Process, Site
from activities.clusters.providers.local.parts.running import Parts
from domain.clusters import manifests, metadata, plan
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, Network, Quota
from domain.core.documents import Node
from domain.core.errors import SluicewayError


@dataclass
class Crier:
    """A part that writes down what is asked of it."""

    name: str
    happened: list[str]
    nodes: bool = False
    lacks: str = ""

    def blocker(self, site):
        return self.lacks

    def objects(self, site):
        return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name, "namespace": "kube-system"}}]

    def processes(self, site):
        return [Process(self.name, ["cry"], node=one) for one in (site.nodes if self.nodes else [None])]

    def unready(self, site):
        return self.lacks

    def clean_up(self, site):
        self.happened.append(f"cleans up {self.name}")


@dataclass
class Scene:
    plane: ControlPlane
    happened: list[str] = field(default_factory=list)
    running: dict[str, list[str]] = field(default_factory=dict)

    def parts(self, nodes=1, **wanted):
        known = {one.name: one for one in (Crier("dnser", self.happened), Crier("wall", self.happened, nodes=True))}
        there = tuple(HostNode(self.plane, index, f"n{index}") for index in range(nodes))
        return Parts(Site(self.plane, ClusterSpec("c", "host", parts=wanted), there, SimpleNamespace()), known)  # type: ignore[arg-type]


@pytest.fixture
def scene(tmp_path, monkeypatch) -> Scene:
    made = Scene(ControlPlane(tmp_path / "c", tmp_path, "c"))

    def start(self, name, command, port, env):
        made.happened.append(f"starts {name}")
        made.running[name] = list(command)

    monkeypatch.setattr(Components, "start", start)
    monkeypatch.setattr(Components, "stop", lambda self, *names: [made.running.pop(name, None) for name in names])
    monkeypatch.setattr(Components, "runs", lambda self, name: name in made.running)
    monkeypatch.setattr(machine, "inside", lambda namespace, command: [namespace, *command])
    applied = [made.happened.append]
    monkeypatch.setattr(
        add_ons, "lay_down", lambda kube, objects: [applied[0](f"applies {metadata.labels(one)}") for one in objects]
    )
    monkeypatch.setattr(add_ons, "remove", lambda kube, role, label: made.happened.append(f"removes {label}={role}"))
    return made


def quiet(words):
    """What providers tell."""


def test_its_objects_are_there_before_its_processes_start(scene):
    parts = scene.parts(dns="dnser")
    parts.apply(Phase.NODES, quiet)
    assert scene.happened == ["applies {'sluiceway.dev/part': 'dns'}", "starts dnser"]
    assert parts.missing(Phase.NODES) == ""
    assert [one.name for one in parts.existing()] == ["dns"]


def test_a_part_starts_in_its_own_phase_only(scene):
    scene.parts(dns="dnser").apply(Phase.ADD_ONS, quiet)
    assert scene.happened == []


def test_one_that_is_not_wanted_any_more_goes_with_its_objects(scene):
    scene.parts(dns="dnser", firewall="wall").apply(Phase.NODES, quiet)
    scene.happened.clear()
    fewer = scene.parts(firewall="wall")
    fewer.apply(Phase.NODES, quiet)
    assert scene.happened[:2] == ["cleans up dnser", "removes sluiceway.dev/part=dns"]
    assert set(scene.running) == {"wall"}
    assert [one.name for one in fewer.existing()] == ["firewall"]


def test_with_the_cluster_all_that_was_begun_ends_whatever_is_wanted_now(scene):
    scene.parts(2, dns="dnser", firewall="wall").apply(Phase.NODES, quiet)
    parts = scene.parts()
    parts.undo(Phase.ADD_ONS, quiet)
    assert len(scene.running) == 3
    parts.undo(Phase.NODES, quiet)
    parts.undo(Phase.NODES, quiet)
    assert (scene.running, list(parts.existing())) == ({}, [])
    assert sum("cleans up" in words for words in scene.happened) == 2
    assert not any("removes" in words for words in scene.happened)  # they go with the control plane


def test_of_a_node_that_goes_what_ran_in_its_network_ends(scene):
    parts = scene.parts(3, firewall="wall")
    parts.apply(Phase.NODES, quiet)
    assert set(scene.running) == {"wall", "wall-1", "wall-2"}
    assert scene.running["wall-1"][0] == HostNode(scene.plane, 1).namespace
    parts.leave(HostNode(scene.plane, 1, "n1"))
    parts.leave(HostNode(scene.plane, 0, "n0"))
    assert set(scene.running) == {"wall", "wall-2"}


def test_one_that_does_not_run_is_drift(scene):
    parts = scene.parts(2, firewall="wall")
    assert parts.drift() == ["firewall: wall does not run"]
    parts.apply(Phase.NODES, quiet)
    assert parts.drift() == []
    scene.running.pop("wall-1")
    assert parts.drift() == ["firewall: wall-1 does not run"]


def test_one_whose_work_nobody_can_ask_about_is_drift_and_no_error(scene, monkeypatch):
    def silent(self, site):
        raise SluicewayError("SLW943", "get Gateway", why="the API server does not answer")

    parts = scene.parts(dns="dnser")
    parts.apply(Phase.NODES, quiet)
    monkeypatch.setattr(Crier, "unready", silent)
    assert parts.drift() == ["dns: the API server does not answer"]
    assert parts.missing(Phase.NODES) == "the API server does not answer"


def test_what_prevents_a_part_is_told_before_anything_is_made(scene):
    parts = scene.parts(dns="nobody")
    assert parts.blocker() == "nobody cannot be the dns of a cluster here"
    assert scene.parts(dns="dnser").blocker() == ""


def test_names_of_others_are_asked_only_where_this_machine_knows_whom():
    assert "forward" not in corefile("10.99.0.1", Path("k"), 8181, "")
    assert "forward . /etc/resolv.conf" in corefile("10.99.0.1", Path("k"), 8181, "/etc/resolv.conf")


@pytest.mark.parametrize("has_gateway", [True, False])
def test_a_gateway_beside_the_nodes_is_let_into_isolated_namespaces_and_nobody_else(has_gateway):
    spec = ClusterSpec(
        "c",
        "host",
        network=Network(isolated=True),
        quotas=(Quota("shop"),),
        parts={"gateway": "traefik"} if has_gateway else {},
    )
    made = {metadata.name(one): one for one in in_cluster.wanted(Phase.TENANTS, spec)}
    blocks = [one["ipBlock"] for rule in Node(made["tenant"]).at("spec", "ingress") for one in rule["from"]]
    assert [one["cidr"].text() for one in blocks if one] == (["10.99.0.1/32"] if has_gateway else [])
    planned = {one.name: one.state for one in plan.items(spec)}  # else each check would find drift
    assert metadata.annotations(made["tenant"])[manifests.STATE] == planned["shop/tenant"]
