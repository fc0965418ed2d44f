"""What the programs of a cluster on this machine are told, without starting any."""

import json
from dataclasses import replace

import pytest

from activities.clusters.processes import Components
from activities.clusters.providers.local import host, host_node, node_settings
from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.control_plane import PORTS, ControlPlane
from activities.clusters.providers.local.host import HostProvider
from activities.clusters.providers.local.host_node import HostNode
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Node

SPEC = ClusterSpec("c", "host")


@pytest.fixture
def plane(tmp_path) -> ControlPlane:
    return ControlPlane(tmp_path / "c", tmp_path / "tools", "c")


@pytest.fixture
def started(plane, monkeypatch) -> dict[str, list[str]]:
    """The command lines of a control plane that was started."""
    told: dict[str, list[str]] = {}
    monkeypatch.setattr(Components, "start", lambda self, name, command, *_: told.update({name: list(command)}))
    monkeypatch.setattr(Components, "wait", lambda *_: None)
    monkeypatch.setattr(ControlPlane, "binary", lambda self, name: name)
    monkeypatch.setattr("activities.clusters.providers.local.control_plane.program", lambda name: name)
    plane.start(SPEC, lambda words: None)
    return told


def test_another_api_server_is_asked_in_the_name_of_who_asks(plane, started):
    flags = dict(one.removeprefix("--").partition("=")[::2] for one in started["kube-apiserver"][1:])
    assert flags["requestheader-client-ca-file"] == plane.pki.crt("front-proxy-ca")
    assert flags["requestheader-client-ca-file"] != flags["client-ca-file"]  # else every user could name another one
    assert flags["requestheader-allowed-names"] == "front-proxy-client"
    assert (plane.pki.folder / "front-proxy-client.crt").exists()
    assert "enable-aggregator-routing" in flags


def test_an_api_for_this_machine_alone_starts_without_a_route_to_anywhere(started):
    flags = dict(one.removeprefix("--").partition("=")[::2] for one in started["kube-apiserver"][1:])
    assert flags["bind-address"] == flags["advertise-address"] == "127.0.0.1"
    assert flags["endpoint-reconciler-type"] == "none"  # which would not take an address that no pod reaches


def test_a_cluster_that_lacks_a_port_gets_one_and_keeps_the_others(plane):
    plane.remember(ports={"api": 6443})
    ports = plane.ports()
    assert ports["api"] == 6443
    assert len(set(ports.values())) == len(PORTS)
    assert plane.ports_for(["another"])["another"] not in ports.values()
    assert plane.ports() == plane.ports_for(["another"])


def test_a_kubelet_removes_no_image(plane):
    told = Node(node_settings.kubelet(HostNode(plane), SPEC, NodePool("web"), "serving"))
    assert told["imageGCHighThresholdPercent"].whole() == 100  # as the kubelet has it: never
    assert told["imageGCLowThresholdPercent"].whole() < 100  # it refuses one that is not below


def test_a_sandbox_image_that_is_gone_is_drift(plane, monkeypatch):
    provider = HostProvider(plane.folder.parent, plane.tools)
    plane.remember(nodes={"c-default-0": 0})
    monkeypatch.setattr(Components, "runs", lambda *_: True)
    monkeypatch.setattr(host_node, "program", lambda name: name)
    monkeypatch.setattr(machine, "lines", lambda command: ["registry.example/other:1"])
    assert provider._drift(SPEC) == ["the sandbox image of node c-default-0 is gone"]
    monkeypatch.setattr(machine, "lines", lambda command: ["sluiceway.local/busybox:1"])
    assert provider._drift(SPEC) == []


def test_the_memory_that_must_be_free_counts_nodes_and_parts_that_are_not_there_yet(plane, monkeypatch):
    provider, spec = HostProvider(plane.folder.parent, plane.tools), replace(SPEC, parts={"gateway": "traefik"})
    free_mb, running = 100, False
    monkeypatch.setattr(host, "memory_mb", lambda word: free_mb)
    monkeypatch.setattr(ControlPlane, "running", lambda self: running)
    monkeypatch.setattr(machine, "told", lambda *_: [])
    told = "1150 are needed: the control plane 700, 1 new node 250, parts (gateway) 200"
    assert provider._room(spec) == f"100 MB of memory are free, but {told}"
    running = True
    plane.remember(nodes={"c-default-0": 1})
    assert provider._room(spec) == "100 MB of memory are free, but 200 are needed: parts (gateway) 200"
    plane.remember(parts={"gateway": "traefik"})
    assert provider._room(spec) == ""


def test_changed_settings_restart_a_kubelet_and_the_same_ones_do_not(plane, monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(host_node, "program", lambda name: name)
    monkeypatch.setattr(ControlPlane, "binary", lambda self, name: name)
    monkeypatch.setattr(machine, "make_cgroup", lambda name: None)
    monkeypatch.setattr(
        Components, "start", lambda self, name, command, port, env: told.append(json.dumps([name, env]))
    )
    plane.pki.authority("ca")
    node = HostNode(plane, 0, "c-default-0")
    for pool in (NodePool("web"), NodePool("web"), NodePool("web", pods=7)):
        node.start_kubelet(SPEC, pool, False, lambda words: None)
    kubelets = [one for one in told if "kubelet" in one]
    assert kubelets[0] == kubelets[1] != kubelets[2]
    assert len({one for one in told if "kube-proxy" in one}) == 1
