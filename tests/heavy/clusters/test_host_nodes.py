"""Several real nodes on one machine: pods of different nodes reach each other, and of a node that goes nothing stays."""

import contextlib
import os
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.host import HostProvider
from activities.clusters.providers.local.host_node import HostNode
from domain.clusters.health import quantity
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Node
from domain.pods import manifest
from domain.pods.manifest import PodSpec
from tests.support.built_programs import built, needs_host
from tests.support.cluster_phases import carry_out, undo, wait
from tests.support.kube_status import named, phase_of

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(170)]
SPEC = ClusterSpec(
    "several", "host", pools=(NodePool("web", 2, cpu=0.5, memory_mb=512), NodePool("db", 1, cpu=0.5, memory_mb=512))
)

NODES = ("several-web-0", "several-web-1", "several-db-0")


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    needs_host()
    return HostProvider(tmp_path_factory.mktemp("several") / "clusters", built())


@pytest.fixture(scope="module")
def kube(provider):
    """Of a cluster that each test leaves as it was."""
    try:
        carry_out(provider, SPEC)
        yield provider.kube(SPEC.name)
    finally:
        undo(provider, SPEC)
        assert provider.leftovers(SPEC) == []


def start(kube, name, node, *command):
    made = manifest.manifest(PodSpec("sluiceway.local/busybox:1", command))
    kube.create(named({**made, "spec": {**Node(made)["spec"].object(), "nodeName": node}}, name))


def phase(kube, name):
    return phase_of(kube.get("v1", "Pod", name, "default"))


def ends(kube, name):
    wait(lambda: phase(kube, name) in ("Succeeded", "Failed"), lambda: f"{name} is {phase(kube, name)}")
    return phase(kube, name), kube.logs("default", name, "main").strip().rpartition(" ")[2]


def test_a_range_that_leads_elsewhere_on_the_machine_is_refused_before_anything_is_made(provider):
    assert provider.blocker(SPEC) == ""
    machine.ip("link", "add", "slw-test", "type", "bridge")
    try:
        machine.ip("addr", "add", "10.99.0.1/24", "dev", "slw-test")
        machine.ip("link", "set", "slw-test", "up")
        assert provider.blocker(SPEC).startswith("10.99.0.0/24 is routed to slw-test on this machine")
    finally:
        machine.ip("link", "del", "slw-test")


def test_pods_of_different_nodes_reach_each_other_and_the_api(kube):
    start(kube, "server", "several-web-1", "httpd", "-f", "-p", "8080", "-h", "/etc")
    wait(lambda: phase(kube, "server") == "Running", lambda: f"the server is {phase(kube, 'server')}")
    address = kube.get("v1", "Pod", "server", "default")["status"]["podIP"]
    reach = f"wget -qO /tmp/got http://{address}:8080/hostname && nc -w 5 10.96.0.1 443 -e true && echo reached"
    for node in NODES:
        start(kube, node, node, "sh", "-c", reach)

    offered = [one["status"]["allocatable"] for one in kube.items("v1", "Node")]
    assert {(quantity(one["cpu"]), int(quantity(one["memory"]) // 2**20)) for one in offered} == {(0.5, 512)}
    assert {node: ends(kube, node) for node in NODES} == dict.fromkeys(NODES, ("Succeeded", "reached"))
    socket.create_connection(("10.96.0.1", 443), timeout=5).close()  # and this machine, which is a node, a service


def test_of_a_node_that_goes_nothing_stays_and_one_that_comes_takes_its_place(provider, kube):
    fewer = replace(SPEC, pools=(replace(SPEC.pools[0], count=1), SPEC.pools[1]))
    start(kube, "stays", "several-web-1", "sh", "-c", "trap exit TERM; sleep 600 & wait")
    wait(lambda: phase(kube, "stays") == "Running", lambda: f"it is {phase(kube, 'stays')}")
    before = marks(provider)

    carry_out(provider, fewer, Phase.NODES)
    assert len(before - marks(provider)) == 4  # its namespace, its control group, and two folders
    carry_out(provider, SPEC, Phase.NODES)
    assert marks(provider) == before


def test_a_node_that_is_deleted_by_hand_registers_again_and_is_reached_by_its_new_range(provider, kube):
    old = kube.get("v1", "Node", "several-web-1")["spec"]["podCIDR"]
    kube.delete("v1", "Node", "several-web-1")
    carry_out(provider, SPEC, Phase.NODES)
    new = kube.get("v1", "Node", "several-web-1")["spec"]["podCIDR"]

    routes = [one["dst"].text() for one in machine.told("route", "show", "via", "10.99.0.3")]
    assert routes == [new]
    assert new != old


def test_what_still_runs_in_a_nodes_control_group_ends_with_it() -> None:
    needs_host()
    name = f"sluiceway-test-{os.getpid()}"
    machine.make_cgroup(name)
    with subprocess.Popen(["sleep", "60"]) as left:
        for hierarchy in machine.hierarchies():
            with contextlib.suppress(OSError):  # a cpuset that has no CPU yet takes nobody
                (hierarchy / name / "cgroup.procs").write_text(str(left.pid))
        machine.remove_cgroup(name)

        assert left.wait(10) == -signal.SIGKILL
    assert machine.cgroups(name) == []


def marks(provider):
    """What there is of the cluster outside of its folder."""
    here = HostNode(provider.plane(SPEC.name))
    folders = [one for parent in ("/run", "/var/lib") for one in Path(parent).glob(f"{here.mark}*")]
    return {
        *map(str, folders),
        *machine.cgroups(f"{here.mark}*"),
        *map(str, machine.NAMESPACES.glob(f"{here.link}n*")),
    }
