"""Every provider makes a cluster, finds it again, changes it, and leaves nothing: the one contract of the port."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from activities.providers import add_ons
from activities.providers.cluster_api import ClusterApiProvider
from activities.providers.host import HostProvider
from activities.providers.kind import KindProvider
from activities.providers.kwok import KwokProvider
from activities.providers.memory import MemoryProvider
from activities.providers.registered import RegisteredProvider
from activities.providers.terraform import TerraformProvider
from activities.supervisor import launch, tree
from domain import pod
from domain.cluster import plan
from domain.cluster.plan import Phase, Verb
from domain.cluster.spec import ClusterSpec, Network, NodePool, Quota, Scaling, registered
from domain.errors import SluicewayError
from domain.pod import PodSpec
from tests import cluster_api
from tests.containers import daemon  # noqa: F401  (fixture)
from tests.heavy_clusters import built, need_go_tool, needs_host
from tests.made_clusters import one_node  # noqa: F401  (fixture)

HEAVY = [pytest.mark.heavy, pytest.mark.timeout(300)]
SPEC = ClusterSpec(
    "contract",
    "",
    network=Network(isolated=True),
    pools=(NodePool("web", 1, labels={"tier": "web"}),),
    storage="local-path",
    quotas=(Quota("team", cpu=2, pods=3),),
)


PARAMS = ["memory", *(pytest.param(name, marks=HEAVY) for name in ("kwok", "host", "terraform", "cluster-api", "kind"))]


@pytest.fixture(params=PARAMS)
def case(request, tmp_path):
    """A provider, and a cluster that it can make."""
    if request.param == "memory":
        yield MemoryProvider(), SPEC
        return
    with MAKERS[request.param](tmp_path, request) as (provider, spec):
        try:
            yield provider, spec
        finally:
            undo(provider, spec)


@contextmanager
def here(tmp_path, request):
    """A control plane of this machine."""
    if request.param == "host":
        needs_host()
    kind = {"kwok": KwokProvider, "host": HostProvider}[request.param]
    yield kind(tmp_path / "clusters", built()), replace(SPEC, provider=request.param)


@contextmanager
def by_terraform(tmp_path, request):
    """A module that needs no download; the cluster that it tells of is one that runs already."""
    need_go_tool("terraform")
    under = request.getfixturevalue("one_node")
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "main.tf").write_text(MODULE)
    connection = {"module": str(tmp_path / "module"), "var-kubeconfig": under.access.reference}
    yield TerraformProvider(tmp_path / "clusters", built()), replace(SPEC, provider="terraform", connection=connection)


@contextmanager
def by_cluster_api(tmp_path, request):
    """The real definitions on a real API server; its controllers are played."""
    under = request.getfixturevalue("one_node")
    cluster_api.install(under.kube)
    wait(lambda: _class_is_known(under.kube), lambda: "the definitions are not served")
    connection = {"management": under.access.reference, "class": cluster_api.CLASS}
    spec = replace(SPEC, provider="cluster-api", version="1.34.4", connection=connection)
    with cluster_api.Controllers(under.kube, Path(under.access.reference.removeprefix("file:"))):
        yield ClusterApiProvider(tmp_path / "clusters"), spec


def _class_is_known(kube):
    try:
        return kube.apply(cluster_api.cluster_class())
    except SluicewayError:
        return False


@contextmanager
def by_kind(tmp_path, request):
    """A stand-in for its command: node images cannot be pulled everywhere. What it is asked for is what kind takes."""
    under = request.getfixturevalue("one_node")
    (tmp_path / "tools").mkdir()
    kind = tmp_path / "tools" / "kind"
    kubeconfig = under.access.reference.removeprefix("file:")
    kind.write_text(KIND.format(state=tmp_path / "kind-clusters", kubeconfig=kubeconfig))
    kind.chmod(0o755)
    yield KindProvider(tmp_path / "clusters", tmp_path / "tools"), replace(SPEC, provider="kind")


MAKERS = {"kwok": here, "host": here, "terraform": by_terraform, "cluster-api": by_cluster_api, "kind": by_kind}
MODULE = """
variable "kubeconfig" { sensitive = true }
variable "cluster" { type = object({ name = string, version = string }) }
resource "terraform_data" "cluster" { input = var.cluster.name }
output "kubeconfig" {
  value     = var.kubeconfig
  sensitive = true
}
"""
KIND = """#!/bin/sh
set -e
mkdir -p {state}
case "$1-$2" in
  create-cluster) touch {state}/$4; cp "$6" {state}/../asked.json; cat {kubeconfig} > "$8" ;;
  delete-cluster) rm -f {state}/$4 ;;
  get-clusters) ls {state} ;;
  get-kubeconfig) cat {kubeconfig} ;;
esac
"""


def said(words):
    """What providers tell."""


def carry_out(provider, spec, *phases):
    for phase in phases or list(Phase)[1:]:
        provider.apply(phase, spec, said)
        wait(lambda phase=phase: not provider.missing(phase, spec), lambda phase=phase: provider.missing(phase, spec))


def wait(done, why, limit_s=60.0):
    deadline = time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


def undo(provider, spec):
    for phase in reversed(list(Phase)):
        provider.undo(phase, spec, said)


def verbs(provider, spec):
    return {change.verb for change in plan.difference(plan.items(spec), provider.existing(spec))}


def test_a_cluster_is_what_its_plan_says_and_deleting_leaves_nothing(case):
    provider, spec = case
    assert provider.blocker(spec) == ""
    carry_out(provider, spec)

    assert verbs(provider, spec) == {Verb.KEEP}
    health = provider.health(spec)
    assert (health.trouble, health.nodes, health.ready, health.version[:2]) == ("", 1, 1, "v1")
    assert provider.reference(spec).startswith("file:")

    undo(provider, spec)
    undo(provider, spec)  # what is gone is removed too
    assert provider.leftovers(spec) == []
    assert provider.existing(spec) == []


def test_carrying_out_a_second_time_changes_nothing(case):
    provider, spec = case
    carry_out(provider, spec)
    carry_out(provider, spec)

    assert verbs(provider, spec) == {Verb.KEEP}


def test_tenants_come_and_go(case):
    provider, spec = case
    carry_out(provider, spec)
    other = replace(spec, quotas=(Quota("team", cpu=4), Quota("guests", pods=1)))
    assert Verb.CREATE in verbs(provider, other)
    carry_out(provider, other, Phase.TENANTS)
    assert verbs(provider, other) == {Verb.KEEP}
    carry_out(provider, spec, Phase.TENANTS)
    assert verbs(provider, spec) == {Verb.KEEP}


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


@pytest.mark.heavy
@pytest.mark.parametrize("part", ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"])
def test_a_program_that_is_killed_comes_back_with_all_that_it_knew(tmp_path, part):
    provider, spec = KwokProvider(tmp_path / "clusters", built()), replace(SPEC, name="killed", provider="kwok")
    try:
        carry_out(provider, spec)
        (instance,) = launch.read_json(provider.plane("killed").folder / "run" / part / "state.json")["instances"]
        os.kill(instance["pid"], signal.SIGKILL)
        wait(lambda: _another(provider, part, instance["pid"]), lambda: f"{part} did not come back")
        wait(lambda: not provider.missing(Phase.VERIFICATION, spec), lambda: provider.missing(Phase.VERIFICATION, spec))
        assert verbs(provider, spec) == {Verb.KEEP}
    finally:
        undo(provider, spec)
    assert provider.leftovers(spec) == []


def _another(provider, part, pid):
    state = launch.read_json(provider.plane("killed").folder / "run" / part / "state.json")
    return state["phase"] == "ready" and state["instances"][0]["pid"] not in (0, pid)


@pytest.mark.heavy
def test_a_second_cluster_with_a_kubelet_is_refused_with_the_reason(tmp_path):
    needs_host()
    provider = HostProvider(tmp_path / "clusters", built())
    (tmp_path / "clusters" / "first").mkdir(parents=True)
    (tmp_path / "clusters" / "first" / "host").touch()

    assert "cluster first has this machine's kube-proxy rules" in provider.blocker(replace(SPEC, provider="host"))


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

    assert blocker == "Kubernetes 1.34.1 is asked for, and what is built here is 1.34.4"


@pytest.mark.heavy
def test_a_registered_cluster_is_looked_at_and_left_as_it_is(tmp_path):
    maker, made = KwokProvider(tmp_path / "clusters", built()), replace(SPEC, name="theirs", provider="kwok")
    try:
        carry_out(maker, made)
        provider, spec = RegisteredProvider(tmp_path / "other"), registered("known", maker.reference(made))
        assert provider.blocker(spec) == ""
        carry_out(provider, spec)
        health = provider.health(spec)
        assert (health.trouble, health.nodes, health.capabilities["storage"]) == ("", 1, "local-path")

        undo(provider, spec)
        assert verbs(maker, made) == {Verb.KEEP}
        nowhere = registered("known", maker.reference(made), "no-such-context")
        assert "no-such-context" in provider.blocker(nowhere)
    finally:
        undo(maker, made)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no usable kubeconfig"),
        ("[]", "is no usable kubeconfig"),
        ("clusters: 3", "is no usable kubeconfig"),
        (
            "{apiVersion: v1, kind: Config, current-context: a, users: [], "
            "contexts: [{name: a, context: {cluster: a, user: ''}}], clusters: [{name: a, cluster: {server: 'http://127.0.0.1:1'}}]}",
            "Connection refused",
        ),
    ],
)
def test_a_kubeconfig_that_leads_nowhere_is_a_blocker_with_the_reason(tmp_path, text, words):
    path = tmp_path / "config"
    path.write_text(text)

    assert words in RegisteredProvider(tmp_path / "clusters").blocker(registered("known", f"file:{path}"))


def test_a_kubeconfig_that_the_worker_cannot_read_is_a_blocker(tmp_path):
    spec = registered("known", f"file:{tmp_path}/nowhere")

    assert RegisteredProvider(tmp_path / "clusters").blocker(spec) == f"the worker cannot read {tmp_path}/nowhere"


@pytest.mark.heavy
def test_a_module_that_terraform_refuses_is_told_with_its_words_and_leaves_nothing(tmp_path):
    need_go_tool("terraform")
    (tmp_path / "main.tf").write_text('resource "terraform_data" "a" { input = var.nothing }\n')
    provider = TerraformProvider(tmp_path / "clusters", built())
    spec = replace(SPEC, provider="terraform", connection={"module": str(tmp_path)})
    with pytest.raises(SluicewayError) as refused:
        carry_out(provider, spec, Phase.NETWORK, Phase.CONTROL_PLANE)

    assert "undeclared input variable" in refused.value.why
    undo(provider, spec)
    assert provider.leftovers(spec) == []


@pytest.mark.heavy
@pytest.mark.docker
def test_kind_takes_what_it_is_asked_for_and_says_when_no_image_can_be_pulled(tmp_path, daemon):  # noqa: F811
    need_go_tool("kind")
    spec = replace(SPEC, name="pulled", provider="kind", version="1.34.0")
    provider = KindProvider(tmp_path / "clusters", built())
    assert provider.blocker(spec) == ""
    provider.apply(Phase.NETWORK, spec, said)
    try:
        provider.apply(Phase.CONTROL_PLANE, spec, said)
    except SluicewayError as refused:
        assert "failed to pull image" in refused.why  # noqa: PT017  (where images can be pulled, there is a cluster)
    finally:
        undo(provider, spec)
    assert provider.leftovers(spec) == []


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (replace(SPEC, connection={}), "connection.management is missing"),
        (replace(SPEC, connection={"management": "file:/nowhere"}), "connection.class is missing"),
        (replace(SPEC, connection={"management": "file:/nowhere", "class": "a"}), "version is missing"),
        (
            replace(SPEC, version="1.34.4", connection={"management": "file:/nowhere", "class": "a"}),
            "no usable kubeconfig",
        ),
    ],
)
def test_a_management_cluster_that_cannot_be_used_is_a_blocker(tmp_path, spec, said):
    assert said in ClusterApiProvider(tmp_path / "clusters").blocker(spec)


def test_what_a_tenant_may_reach_comes_and_goes_and_what_was_changed_is_told(case):
    provider, spec = case
    carry_out(provider, spec)
    scaling = (Scaling("team", "web", 1, 4),)
    other = replace(spec, quotas=(Quota("team", cpu=2, pods=3, allow_to=("192.0.2.0/24:443",)),), scaling=scaling)
    changes = plan.difference(plan.items(other), provider.existing(other))
    assert {(one.verb, one.kind) for one in changes if one.verb is not Verb.KEEP} == {
        (Verb.UPDATE, "network-policy"),
        (Verb.CREATE, "autoscaler"),
    }
    carry_out(provider, other, Phase.TENANTS)
    assert verbs(provider, other) == {Verb.KEEP}
    assert provider.health(other).drift == ()
    if not isinstance(provider, MemoryProvider):
        kube = provider.kube(other if hasattr(provider, "folder") else other.name)
        kube.delete("networking.k8s.io/v1", "NetworkPolicy", "tenant", "team")
        kube.patch("v1", "ResourceQuota", "tenant", {"spec": {"hard": {"pods": "99"}}}, "team")
        assert set(provider.health(other).drift) == {
            "NetworkPolicy team/tenant is gone",
            "ResourceQuota team/tenant was changed",
        }
    carry_out(provider, spec, Phase.TENANTS)
    assert verbs(provider, spec) == {Verb.KEEP}


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
            made = pod.manifest(PodSpec("web:1"))
            made["metadata"] |= {"name": f"p{number}", "namespace": "default"}
            kube.create(made)
        wait(
            lambda: all(one["spec"].get("nodeName") for one in kube.items("v1", "Pod", "default")), lambda: "not placed"
        )
        carry_out(provider, replace(spec, pools=(NodePool("web", 1),)), Phase.NODES)

        assert {one["spec"]["nodeName"] for one in kube.items("v1", "Pod", "default")} <= {"drained-web-0"}
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
        made = pod.manifest(PodSpec("sluiceway.local/busybox:1", ("sleep", "600")))
        made["metadata"] |= {"name": "stays", "namespace": "default"}
        kube.create(made)
        wait(
            lambda: kube.get("v1", "Pod", "stays", "default")["status"]["phase"] == "Running", lambda: "it does not run"
        )
        provider.plane(spec.name).components.stop("kubelet", "etcd")
        assert [one for one in provider.leftovers(spec) if one.startswith("network namespace cni-")]
    finally:
        undo(provider, spec)
    assert provider.leftovers(spec) == []
    assert namespaces() <= before


def namespaces():
    return set(subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.heavy
@pytest.mark.timeout(300)
def test_add_ons_as_their_makers_publish_them_come_up_and_are_what_the_plan_says(tmp_path, monkeypatch):
    folder = tmp_path / "add-ons"
    shutil.copytree(need_go_tool("add-ons-1"), folder)
    monkeypatch.setenv("PATH", f"{need_go_tool('helm').parent}:{os.environ['PATH']}")
    # nobody answers for its webhook on simulated nodes
    (folder / "gatekeeper.values.yaml").write_text("{validatingWebhookCheckIgnoreFailurePolicy: Ignore, replicas: 1}")
    spec = replace(
        SPEC,
        name="furnished",
        provider="kwok",
        network=Network(isolated=True, plugin="flannel"),
        pools=(NodePool("web", 2, cpu=32, memory_mb=64_000),),
        add_ons=("prometheus", "istio", "gatekeeper"),
        connection={"add-ons": str(folder)},
    )
    # it refuses versions of Kubernetes that helm would choose by itself
    assert "DaemonSet" in {one["kind"] for part in add_ons.parts(spec, "cilium") for one in part.objects}
    provider = KwokProvider(tmp_path / "clusters", built())
    try:
        carry_out(provider, spec)
        kube = provider.kube("furnished")
        assert add_ons.names(kube) == ["flannel", "gatekeeper", "istio", "prometheus"]
        assert add_ons.unready(kube) == ""
        there = {one["metadata"]["name"] for one in kube.items("v1", "Namespace")}
        assert {"gatekeeper-system", "istio-system", "kube-flannel", "team"} <= there
        assert kube.items("apps/v1", "DaemonSet", "kube-flannel")[0]["status"]["numberReady"] == 2
        assert kube.items(PROMETHEUS, "Prometheus") == []  # a kind that an add-on brought is known
        assert verbs(provider, spec) == {Verb.KEEP}

        kube.create(a_deployment("stranger", "istio-system"))
        meta = {"name": "a", "namespace": "default"}
        kube.create({"apiVersion": PROMETHEUS, "kind": "Prometheus", "metadata": meta, "spec": {}})
        carry_out(provider, replace(spec, add_ons=()), Phase.ADD_ONS)
        assert add_ons.names(kube) == ["flannel"]
        assert kube.items(*WEBHOOKS) == []
        there = {one["metadata"]["name"] for one in kube.items("v1", "Namespace") if one["status"]["phase"] == "Active"}
        assert (there & {"gatekeeper-system", "istio-system"}) == {"istio-system"}
        kinds = {one["metadata"]["name"] for one in kube.items("apiextensions.k8s.io/v1", "CustomResourceDefinition")}
        assert kinds == {"prometheuses.monitoring.coreos.com"}  # somebody has one
    finally:
        undo(provider, spec)


PROMETHEUS = "monitoring.coreos.com/v1"
WEBHOOKS = ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration")


def a_deployment(name, namespace):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": f"{name}:3"}]}}
    body = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": body}


@pytest.mark.heavy
def test_an_add_on_is_applied_waited_for_and_part_of_the_plan(tmp_path):
    (tmp_path / "prometheus.yaml").write_text(json.dumps(a_deployment("prometheus", "default")))
    spec = replace(
        SPEC, name="furnished", provider="kwok", add_ons=("prometheus",), connection={"add-ons": str(tmp_path)}
    )
    provider = KwokProvider(tmp_path / "clusters", built())
    try:
        carry_out(provider, spec)
        found = provider.kube("furnished").get("apps/v1", "Deployment", "prometheus", "default")
        assert found["status"]["readyReplicas"] == 2
        assert verbs(provider, spec) == {Verb.KEEP}
    finally:
        undo(provider, spec)
