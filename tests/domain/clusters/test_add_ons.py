"""In which order the objects of an add-on go in, and when its workloads are ready."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import add_ons, metadata

KINDS = ["Namespace", "CustomResourceDefinition", "Role", "RoleBinding", "Deployment", "Prometheus", "Service"]
KINDS += ["ValidatingWebhookConfiguration", "ConfigMap", "StatefulSet"]


@given(st.lists(st.sampled_from(KINDS)))
def test_what_others_need_goes_first_and_what_judges_others_last(kinds):
    ordered = [str(one["kind"]) for one in add_ons.in_order({"kind": kind} for kind in kinds)]

    assert sorted(ordered) == sorted(kinds)
    for early, late in [("CustomResourceDefinition", "Prometheus"), ("Namespace", "ConfigMap"), ("Role", "Deployment")]:
        if early in ordered and late in ordered:
            assert len(ordered) - ordered[::-1].index(early) <= ordered.index(late)
    if "ValidatingWebhookConfiguration" in ordered:
        assert ordered[-1] == "ValidatingWebhookConfiguration"


@given(st.lists(st.sampled_from(KINDS), unique=True))
def test_an_add_on_goes_webhooks_first_and_that_by_which_it_is_known_last(kinds):
    order = [kind for _, kind in add_ons.removal_order(("v1", kind) for kind in kinds)]

    assert sorted(order) == sorted(kinds)
    known = [kind in add_ons.WORKLOADS for kind in order]
    assert known == sorted(known)
    if "ValidatingWebhookConfiguration" in order:
        assert order[0] == "ValidatingWebhookConfiguration"


MINE = {"metadata": {"name": "a", "labels": {add_ons.LABEL: "istio"}}}
MADE_BY_MINE = {"metadata": {"name": "a-1", "ownerReferences": [{"kind": "ReplicaSet", "controller": True}]}}
ANOTHERS = {"metadata": {"name": "b", "labels": {add_ons.LABEL: "grafana"}}}
PLAIN = {"metadata": {"name": "c"}}


@pytest.mark.parametrize(
    ("kind", "name", "inside", "stays"),
    [
        ("Namespace", "istio-system", [MINE, MADE_BY_MINE], False),
        ("Namespace", "istio-system", [MINE, PLAIN], True),
        ("Namespace", "monitoring", [ANOTHERS], True),
        ("Namespace", "kube-system", [], True),
        ("CustomResourceDefinition", "gateways", [MINE], False),
        ("CustomResourceDefinition", "gateways", [PLAIN], True),
        ("Deployment", "istiod", [], False),
    ],
)
def test_what_others_would_miss_stays_when_an_add_on_goes(kind, name, inside, stays):
    assert add_ons.stays("istio", {"kind": kind, "metadata": {"name": name}}, inside) is stays


@given(st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_whatever_a_file_holds_is_either_an_object_or_is_not(document):
    for one in add_ons.listed(document):
        if add_ons.is_object(one):
            assert metadata.labels(add_ons.labelled("a", one))[add_ons.LABEL] == "a"


@pytest.mark.parametrize(
    ("kind", "spec", "status", "words"),
    [
        ("Deployment", {"replicas": 2}, {"readyReplicas": 1, "observedGeneration": 2}, "Deployment a has 1 of 2 ready"),
        ("Deployment", {}, {"readyReplicas": 1, "observedGeneration": 2}, ""),
        ("Deployment", {}, {"readyReplicas": 1, "observedGeneration": 1}, "Deployment a has 1 of 1 ready"),
        ("StatefulSet", {"replicas": 0}, {"observedGeneration": 2}, ""),
        (
            "DaemonSet",
            {},
            {"desiredNumberScheduled": 3, "numberReady": 2, "observedGeneration": 2},
            "DaemonSet a has 2 of 3 ready",
        ),
        ("DaemonSet", {}, {}, "DaemonSet a has 0 of 0 ready"),
    ],
)
def test_a_workload_is_ready_when_the_newest_of_it_is(kind, spec, status, words):
    assert add_ons.unready(kind, {"metadata": {"name": "a", "generation": 2}, "spec": spec, "status": status}) == words
