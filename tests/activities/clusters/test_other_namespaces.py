"""Namespaces that no definition names are told or isolated, and nobody's own policy is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from activities.clusters import in_cluster, other_namespaces
from activities.kubernetes.client import Kube
from domain.clusters import metadata, plan
from domain.clusters.manifests import OURS
from domain.clusters.other_namespaces import denied, isolates, open_ones
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, Network, Quota, complaints
from domain.core.documents import Object

SPEC = ClusterSpec("c", "host", network=Network(isolated=True), quotas=(Quota("team"),))
DENY = replace(SPEC, network=Network(isolated=True, others="deny"))


class Api:
    """Objects by kind, namespace and name."""

    def __init__(self, *namespaces: str) -> None:
        self.objects: dict[tuple[str, str, str], Object] = {}
        for name in ("kube-system", "default", *namespaces):
            self.apply(space(name))

    def apply(self, one: Object) -> None:
        self.objects[cast(Any, one)["kind"], metadata.namespace(one), metadata.name(one)] = one

    def get(self, version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        return self.objects.get((kind, namespace, name))

    def delete(self, version: str, kind: str, name: str, namespace: str = "") -> None:
        self.objects.pop((kind, namespace, name), None)

    def items(self, version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        return [one for key, one in self.objects.items() if key[0] == kind and _has(one, labels)]


def _has(one: Object, labels: str) -> bool:
    known = metadata.labels(one)
    wanted = [each.partition("=") for each in labels.split(",") if each]
    return all(key[1:] not in known if key[0] == "!" else known.get(key) == value for key, _, value in wanted)


def space(name: str, **labels: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def policy(namespace: str, **spec: Any) -> Object:
    meta = {"name": "own", "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}


def made(api: Api) -> set[str]:
    return {key[1] for key in api.objects if key[0] == "NetworkPolicy" and key[2] == "sluiceway-default-deny"}


def kube(api: Api) -> Kube:
    return cast(Kube, api)


def test_somebody_s_own_namespace_is_told_and_left_as_it_is() -> None:
    api = Api("theirs", "shut")
    api.apply(policy("shut", podSelector={}))
    in_cluster.apply(kube(api), Phase.TENANTS, SPEC)

    assert other_namespaces.found_open(kube(api), SPEC) == ("theirs",)
    assert (in_cluster.drift(kube(api), SPEC), made(api)) == ((), set())
    assert not other_namespaces.found_open(kube(api), replace(SPEC, network=Network(isolated=True, others="leave")))
    assert not other_namespaces.found_open(kube(api), ClusterSpec("c", "host"))


def test_where_others_are_denied_each_gets_a_policy_and_one_that_comes_later_is_drift() -> None:
    api = Api("theirs")
    assert _changes(api, DENY) >= {"other namespaces"}
    in_cluster.apply(kube(api), Phase.TENANTS, DENY)
    assert (made(api), _changes(api, DENY), in_cluster.drift(kube(api), DENY)) == ({"theirs"}, set(), ())

    api.apply(space("later"))
    assert in_cluster.drift(kube(api), DENY) == ("Namespace later is isolated by no policy",)
    assert _changes(api, DENY) == {"other namespaces"}
    in_cluster.apply(kube(api), Phase.TENANTS, DENY)
    assert made(api) == {"theirs", "later"}


def test_what_was_made_for_them_goes_when_they_are_not_denied_any_more_and_theirs_stay() -> None:
    api = Api("theirs")
    in_cluster.apply(kube(api), Phase.TENANTS, DENY)
    api.apply(policy("theirs", podSelector={}))
    assert _changes(api, SPEC) == {"other namespaces"}
    in_cluster.apply(kube(api), Phase.TENANTS, SPEC)

    assert (made(api), _changes(api, SPEC)) == (set(), set())
    assert api.get("", "NetworkPolicy", "own", "theirs")


def _changes(api: Api, spec: ClusterSpec) -> set[str]:
    """Of its tenants, by the names of what changes."""
    found = plan.difference(list(plan.items(spec)), list(in_cluster.existing(kube(api), spec)))
    return {one.name for one in found if one.phase is Phase.TENANTS and one.verb is not plan.Verb.KEEP}


LABELS = st.dictionaries(st.sampled_from("ab"), st.just("x"), max_size=2)


@given(LABELS, st.lists(st.sampled_from(["Ingress", "Egress"]), unique=True), st.booleans())
def test_a_policy_isolates_a_namespace_only_when_it_is_of_all_pods_and_of_what_comes_in(labels, types, expressions):
    selector = {"matchLabels": labels} | (
        {"matchExpressions": [{"key": "a", "operator": "Exists"}]} if expressions else {}
    )
    one = policy("n", podSelector=selector, policyTypes=types)
    assert isolates(one) is (not labels and not expressions and types != ["Egress"])
    assert (open_ones([space("n")], [one]) == ()) is isolates(one)


def test_namespaces_of_kubernetes_and_ours_are_no_others() -> None:
    names = [
        space("kube-public"),
        space("default"),
        space("gateway", **OURS),
        space("elk", **{"sluiceway.dev/add-on": "elk"}),
    ]
    ending: Object = {**space("ending"), "metadata": {"name": "ending", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    assert open_ones([*names, ending, space("theirs")], []) == ("theirs",)
    assert open_ones([space("theirs")], [denied("theirs")]) == ()


def test_others_are_denied_only_where_its_own_are_isolated() -> None:
    open_itself = replace(DENY, network=Network(others="deny"))
    assert [where for where, _ in complaints(open_itself)] == [("network", "others")]
    assert not list(complaints(DENY))
