"""Clusters of this machine: what is killed comes back, what goes leaves nothing, and what cannot be made says why."""

import os
import signal
import subprocess
from dataclasses import replace
from functools import partial

import pytest

from activities.clusters.providers.local.host import HostProvider
from activities.clusters.providers.local.kwok import KwokProvider
from activities.supervisor import launch, tree
from domain.clusters.plan import Phase, Verb
from domain.clusters.spec import ClusterSpec, Network, NodePool
from domain.core.documents import Node
from domain.pods import manifest
from domain.pods.manifest import PodSpec
from tests.support.built_programs import built, needs_host
from tests.support.cluster_phases import SPEC, carry_out, undo, verbs, wait
from tests.support.kube_status import named, phase_of
from tests.support.supervised import pids


@pytest.mark.heavy
def test_a_pool_of_simulated_nodes_grows_and_shrinks(tmp_path):
    provider, spec = KwokProvider(tmp_path / "clusters", built()), replace(SPEC, name="pools", provider="kwok")
    try:
        carry_out(provider, spec)
        for count in (30, 4):
            sized = replace(spec, pools=(replace(spec.pools[0], count=count, zones=("a", "b")),))
            carry_out(provider, sized, Phase.NODES)
            assert provider.health(sized).ready == count
            assert verbs(provider, sized) == {Verb.KEEP}
    finally:
        undo(provider, spec)


@pytest.fixture(scope="module")
def stands(tmp_path_factory):
    """A cluster whose programs are killed, and of which nothing is left in the end."""
    provider = KwokProvider(tmp_path_factory.mktemp("stands") / "clusters", built())
    spec = replace(SPEC, name="killed", provider="kwok")
    try:
        carry_out(provider, spec)
        yield provider, spec
    finally:
        undo(provider, spec)
    assert provider.leftovers(spec) == []


@pytest.mark.heavy
@pytest.mark.parametrize("part", ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"])
def test_a_program_that_is_killed_comes_back_with_all_that_it_knew(stands, part):
    provider, spec = stands
    (pid,) = pids(provider.plane("killed").folder / "run" / part)
    os.kill(pid, signal.SIGKILL)
    wait(lambda: _another(provider, part, pid), lambda: f"{part} did not come back")
    wait(lambda: not provider.missing(Phase.VERIFICATION, spec), lambda: provider.missing(Phase.VERIFICATION, spec))
    assert verbs(provider, spec) == {Verb.KEEP}


def _another(provider, part, pid):
    folder = provider.plane("killed").folder / "run" / part
    return launch.read_json(folder / "state.json").get("phase") == "ready" and pids(folder)[0] not in (0, pid)


@pytest.mark.heavy
def test_two_clusters_with_real_nodes_are_on_one_machine_and_of_each_nothing_stays(tmp_path):
    needs_host()
    provider = HostProvider(tmp_path / "clusters", built())
    first = ClusterSpec("first", "host")
    second = ClusterSpec("second", "host", network=Network("10.245.0.0/16", "10.97.0.0/16", "10.98.0.0/24"))
    try:
        carry_out(provider, first)
        assert "choose another range" in provider.blocker(replace(second, network=first.network))
        carry_out(provider, second)
        for spec, services in ((first, "10.96.0.1"), (second, "10.97.0.1")):
            kube = provider.kube(spec.name)
            reach = ("nc", "-w", "5", services, "443", "-e", "true")
            kube.create(named(manifest.manifest(PodSpec("sluiceway.local/busybox:1", reach)), "reaches"))
            wait(partial(_has_reached, kube), lambda: "the pod does not end")
        undo(provider, first)
        assert provider.leftovers(first) == []
        assert provider.health(second).ready == 1
    finally:
        for spec in (first, second):
            undo(provider, spec)
    assert provider.leftovers(second) == []


def _has_reached(kube):
    return phase_of(kube.get("v1", "Pod", "reaches", "default")) == "Succeeded"


@pytest.mark.parametrize("kind", [KwokProvider, HostProvider])
def test_a_machine_without_the_programs_says_what_to_do(tmp_path, kind):
    blocker = kind(tmp_path / "clusters", tmp_path / "nothing").blocker(SPEC)

    assert "is not installed" in blocker or "needs root" in blocker


def test_a_process_that_outlives_its_cluster_is_found_although_the_folder_is_gone(tmp_path):
    provider = KwokProvider(tmp_path / "clusters", tmp_path / "tools")
    marker = f"{provider.plane(SPEC.name).key}-etcd"
    orphan = subprocess.Popen(["sleep", "60"], env={"PATH": os.environ["PATH"], tree.MARKER: marker})
    try:
        wait(lambda: provider.leftovers(SPEC) == [f"process {orphan.pid}"], lambda: provider.leftovers(SPEC))
    finally:
        orphan.kill()
        orphan.wait()


def test_a_patch_version_that_was_not_built_is_refused(tmp_path):
    blocker = KwokProvider(tmp_path / "clusters", tmp_path / "tools").blocker(replace(SPEC, version="1.34.1"))

    assert blocker == "Kubernetes 1.34.1 is requested, but 1.34.4 is built here"


@pytest.mark.heavy
def test_a_node_that_is_gone_is_told_and_made_again(tmp_path):
    provider, spec = KwokProvider(tmp_path / "clusters", built()), replace(SPEC, name="thinned", provider="kwok")
    try:
        carry_out(provider, spec)
        provider.kube(spec.name).delete("v1", "Node", "thinned-web-0")
        assert provider.health(spec).drift == ("Node thinned-web-0 is gone",)
        carry_out(provider, spec, Phase.NODES)
        assert provider.health(spec).drift == ()
    finally:
        undo(provider, spec)


@pytest.mark.heavy
def test_pods_leave_a_node_before_it_goes(tmp_path):
    provider, spec = KwokProvider(tmp_path / "clusters", built()), replace(SPEC, name="drained", provider="kwok")
    try:
        carry_out(provider, replace(spec, pools=(NodePool("web", 3),)))
        kube = provider.kube(spec.name)
        for number in range(6):
            kube.create(named(manifest.manifest(PodSpec("web:1")), f"p{number}"))
        wait(
            lambda: all(Node(one).at("spec", "nodeName") for one in kube.items("v1", "Pod", "default")),
            lambda: "not placed",
        )
        carry_out(provider, replace(spec, pools=(NodePool("web", 1),)), Phase.NODES)

        assert {Node(one).at("spec", "nodeName").text() for one in kube.items("v1", "Pod", "default")} <= {
            "drained-web-0"
        }
    finally:
        undo(provider, spec)


@pytest.mark.heavy
def test_a_pod_that_nobody_ended_leaves_no_network_namespace(tmp_path):
    needs_host()
    provider, spec = HostProvider(tmp_path / "clusters", built()), replace(SPEC, name="sandboxes", provider="host")
    before = namespaces()
    try:
        carry_out(provider, spec)
        kube = provider.kube(spec.name)
        made = manifest.manifest(PodSpec("sluiceway.local/busybox:1", ("sleep", "600")))
        kube.create(named(made, "stays"))
        wait(lambda: phase_of(kube.get("v1", "Pod", "stays", "default")) == "Running", lambda: "it does not run")
        provider.plane(spec.name).components.stop("kubelet-1", "etcd")
        assert [one for one in provider.leftovers(spec) if one.startswith("network namespace cni-")]
    finally:
        undo(provider, spec)
    assert provider.leftovers(spec) == []
    assert namespaces() <= before


def namespaces():
    return set(subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout.split())
