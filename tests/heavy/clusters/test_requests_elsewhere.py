"""Requests in a cluster that was registered by its kubeconfig: single fields of others' objects, and their way back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from kubernetes.client import AuthenticationV1TokenRequest, CoreV1Api, V1TokenRequestSpec

from activities.clusters import in_cluster
from activities.clusters.providers.local.kwok import KwokProvider
from domain.clusters.plan import Phase
from domain.clusters.request_ground import LABEL, POLICIES
from domain.clusters.request_marks import MARK
from domain.clusters.spec import ClusterSpec, Priority
from domain.core.documents import Manifest, Node
from tests.support.built_programs import built
from tests.support.by_hand import Hands, hands_of, soon
from tests.support.command_line import call, said
from tests.support.made_clusters import Made, made
from tests.workers.console.browser import chromium

pytestmark = [pytest.mark.heavy, pytest.mark.browser, pytest.mark.timeout(300)]
HELM = {"meta.helm.sh/release-name": "platform"}
RBAC = "rbac.authorization.k8s.io"


def theirs(kind: str, name: str, spec: Manifest, version: str = "v1", **meta: Manifest) -> Manifest:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop", **meta}, "spec": spec}


OBJECTS: tuple[Manifest, ...] = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
    theirs("ResourceQuota", "compute", {"hard": {"cpu": "8", "pods": "40"}}, annotations={**HELM}),
    theirs("LimitRange", "sizes", {"limits": [{"type": "Container", "max": {"cpu": "2"}, "default": {"cpu": "2"}}]}),
    theirs("NetworkPolicy", "default-deny", {"podSelector": {}, "policyTypes": ["Ingress"]}, POLICIES[0]),
)
READER: tuple[Manifest, ...] = (
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader", "namespace": "shop"}},
    {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "reader"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": "shop"}],
    },
)


@dataclass
class Elsewhere:
    hands: Hands
    cluster: Made

    def hard(self, name: str) -> str:
        return Node(self.cluster.kube.get("v1", "ResourceQuota", "compute", "shop")).at("spec", "hard", name).text()

    def policy(self, number: str) -> Node:
        found = self.cluster.kube.items(*POLICIES, "shop", labels=f"{LABEL}={number}")
        return Node(found[0] if found else None)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    root = tmp_path_factory.mktemp("elsewhere")
    tools = built()
    with (
        made(KwokProvider(root / "clusters", tools), ClusterSpec("theirs", "kwok", pools=()), root) as cluster,
        chromium() as browser,
        hands_of(root / "engine", browser) as hands,
    ):
        for one in (*OBJECTS, *READER):
            cluster.kube.create(one)
        owner = cluster.access.reference.removeprefix("file:")
        said("cluster", "register", "dc", "--kubeconfig", owner)
        said("cluster", "register", "weak", "--kubeconfig", str(reading(cluster, Path(owner), root)))
        try:
            yield Elsewhere(hands, cluster)
        finally:
            hands.ends("dc", "weak")


def reading(cluster: Made, owner: Path, folder: Path) -> Path:
    """A kubeconfig of somebody who may look and change nothing."""
    wanted = AuthenticationV1TokenRequest(spec=V1TokenRequestSpec(audiences=[], expiration_seconds=3_600))
    made = CoreV1Api(cluster.kube.api).create_namespaced_service_account_token("reader", "shop", wanted)
    assert made.status
    config = json.loads(owner.read_text())
    config["users"][0]["user"] = {"token": made.status.token}
    path = folder / "weak.kubeconfig"
    path.write_text(json.dumps(config))
    return path


def planned(elsewhere: Elsewhere, words: Sequence[str], *told: str) -> None:
    """The plan says this; the first one may come before the cluster has answered."""
    for each in told:
        soon(lambda each=each: each in call(*words, "--plan", env=elsewhere.hands.dana)[1])  # type: ignore[misc]


def test_a_credential_that_may_not_write_is_said_in_the_plan_before_anybody_agrees(elsewhere: Elsewhere) -> None:
    words = ("request", "quota", "weak", "shop", "--cpu", "12", "--reason", "r")
    planned(elsewhere, words, "may not patch ResourceQuota objects in shop")
    code, _, err = call(*words, env=elsewhere.hands.dana)
    assert (code, "SLW971" in err, "may not create ResourceQuota" in err) == (3, True, True), err


def test_an_exception_and_a_quota_are_done_in_objects_of_others_and_end(elsewhere: Elsewhere) -> None:
    hands = elsewhere.hands
    opened = hands.asks("exception", "dc", "shop", "--from", "batch", "--for", "90s")
    hands.done("dc", opened, "in force")
    (way,) = list(elsewhere.policy(opened).at("spec", "ingress"))
    names = way["from"].first().at("namespaceSelector", "matchLabels").strings()
    assert names == {"kubernetes.io/metadata.name": "batch"}

    words = ("request", "quota", "dc", "shop", "--cpu", "12", "--reason", "r")
    planned(elsewhere, words, "cores: 8 cores -> 12 cores", "ResourceQuota/compute: Helm has made it")
    more = hands.asks("quota", "dc", "shop", "--cpu", "12", "--for", "1h")
    hands.done("dc", more, "in force")
    assert (elsewhere.hard("cpu"), elsewhere.hard("pods")) == ("12", "40")
    less = hands.asks("limits", "dc", "shop", "--cpu", "0.5")
    hands.done("dc", less, "applied")
    limits = Node(elsewhere.cluster.kube.get("v1", "LimitRange", "sizes", "shop")).at("spec", "limits").first()
    assert [limits.at(word, "cpu").text() for word in ("max", "default")] == ["500m", "500m"]

    code, _, err = call("request", "cancel", f"dc/{more}", "--reason", "done", env=hands.dana)
    assert code == 0, err
    hands.reaches("dc", more, "ended")
    quota = Node(elsewhere.cluster.kube.get("v1", "ResourceQuota", "compute", "shop"))
    assert quota.at("spec", "hard").strings() == {"cpu": "8", "pods": "40"}
    assert MARK not in quota.at("metadata", "annotations").strings()
    hands.reaches("dc", opened, "ended")
    assert not elsewhere.policy(opened)


def test_a_cluster_that_is_forgotten_keeps_no_exception(elsewhere: Elsewhere) -> None:
    hands = elsewhere.hands
    opened = hands.asks("exception", "dc", "shop", "--from", "later", "--for", "1h")
    hands.done("dc", opened, "in force")
    assert elsewhere.policy(opened)
    hands.ends("dc")
    soon(lambda: not elsewhere.policy(opened))
    assert elsewhere.hard("cpu") == "8"
    assert elsewhere.cluster.kube.get(*POLICIES, "default-deny", "shop")


def test_a_real_api_makes_a_priority_class_again_and_keeps_those_of_others(elsewhere: Elsewhere) -> None:
    """A class never changes: one of another value is another object."""
    kube, version = elsewhere.cluster.kube, in_cluster.VERSIONS[in_cluster.PRIORITY]

    def values() -> dict[str, int]:
        found = map(Node, kube.items(version, in_cluster.PRIORITY))
        known = {one.at("metadata", "name").text(): one["value"].whole() for one in found}
        return {name: value for name, value in known.items() if not name.startswith("system-")}

    kube.create({"apiVersion": version, "kind": in_cluster.PRIORITY, "metadata": {"name": "others"}, "value": 7})
    first = ClusterSpec("theirs", "kwok", priorities=(Priority("high", 100), Priority("low", -1, preempts=False)))
    in_cluster.apply(kube, Phase.TENANTS, first)
    assert (values(), in_cluster.drift(kube, first)) == ({"others": 7, "high": 100, "low": -1}, ())
    second = replace(first, priorities=(Priority("high", 200),))
    in_cluster.apply(kube, Phase.TENANTS, second)
    assert (values(), in_cluster.drift(kube, second)) == ({"others": 7, "high": 200}, ())
    in_cluster.undo(kube, Phase.TENANTS)
    assert values() == {"others": 7}
