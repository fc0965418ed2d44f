"""Every provider makes a cluster, finds it again, changes it, and leaves nothing: the one contract of the port."""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from activities.clusters.providers.cluster_api import ClusterApiProvider
from activities.clusters.providers.kind import KindProvider
from activities.clusters.providers.local.host import HostProvider
from activities.clusters.providers.local.kwok import KwokProvider
from activities.clusters.providers.memory import MemoryProvider
from activities.clusters.providers.terraform import TerraformProvider
from activities.secrets.broker import Broker
from activities.secrets.stores.memory import MemorySecrets
from domain.clusters import plan
from domain.clusters.plan import Phase, Verb
from domain.clusters.spec import Quota, Scaling
from domain.core.errors import SluicewayError
from domain.secrets.rules import SecretRule, SecretUse
from tests.support import cluster_api
from tests.support.built_programs import built, need_go_tool, needs_host
from tests.support.cluster_phases import SPEC, carry_out, undo, verbs, wait

HEAVY = [pytest.mark.heavy, pytest.mark.timeout(300)]
PARAMS = ["memory", *(pytest.param(name, marks=HEAVY) for name in ("kwok", "host", "terraform", "cluster-api", "kind"))]


@pytest.fixture(params=PARAMS)
def case(request, tmp_path):
    """A provider, and a cluster that it can make."""
    with of(request, tmp_path) as (provider, spec):
        yield provider, spec


@pytest.fixture(scope="module", params=PARAMS)
def standing(request, tmp_path_factory):
    """A provider, and a cluster that it has made; each test leaves it as its spec says."""
    with of(request, tmp_path_factory.mktemp("standing")) as (provider, spec):
        carry_out(provider, spec)
        yield provider, spec


@contextmanager
def of(request, folder):
    """The provider that the parameter names, and a cluster that is gone in the end."""
    if request.param == "memory":
        yield MemoryProvider(), SPEC
        return
    with MAKERS[request.param](folder, request) as (provider, spec):
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
    connection = {"module": str(tmp_path / "module"), "var-kubeconfig": "secret:kubeconfig"}
    kept = MemorySecrets(kubeconfig=cluster_api.whole(Path(under.access.reference.removeprefix("file:"))))
    broker = Broker(kept, lambda: [SecretRule(secret="kubeconfig", by_hand=True)])
    spec = replace(SPEC, provider="terraform", connection=connection, use=SecretUse(by_hand=True))
    yield TerraformProvider(tmp_path / "clusters", built(), broker), spec


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


def test_a_cluster_is_what_its_plan_says_and_deleting_leaves_nothing(case):
    provider, spec = case
    assert provider.blocker(spec) == ""
    carry_out(provider, spec)

    assert verbs(provider, spec) == {Verb.KEEP}
    health = provider.health(spec)
    assert (health.trouble, health.nodes, health.ready, health.version[:2]) == ("", 1, 1, "v1")
    facts = provider.facts(spec)
    assert (facts.cluster, facts.version) == (spec.name, health.version)
    assert provider.reference(spec).startswith("file:")

    undo(provider, spec)
    undo(provider, spec)  # what is gone is removed too
    assert provider.leftovers(spec) == []
    assert provider.existing(spec) == []


def test_carrying_out_a_second_time_changes_nothing(standing):
    provider, spec = standing
    carry_out(provider, spec)

    assert verbs(provider, spec) == {Verb.KEEP}


def test_tenants_come_and_go(standing):
    provider, spec = standing
    other = replace(spec, quotas=(Quota("team", cpu=4), Quota("guests", pods=1)))
    assert Verb.CREATE in verbs(provider, other)
    carry_out(provider, other, Phase.TENANTS)
    assert verbs(provider, other) == {Verb.KEEP}
    carry_out(provider, spec, Phase.TENANTS)
    assert verbs(provider, spec) == {Verb.KEEP}


def test_what_a_tenant_may_reach_comes_and_goes_and_what_was_changed_is_told(standing):
    provider, spec = standing
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
