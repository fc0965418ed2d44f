"""Add-ons on a real API server: they come up, are what the plan says, and go again."""

import json
import os
import shutil
from dataclasses import replace

import pytest

from activities.clusters import add_ons
from activities.clusters.providers.local.kwok import KwokProvider
from domain.clusters import metadata
from domain.clusters.plan import Phase, Verb
from domain.clusters.spec import Network, NodePool
from domain.core.documents import Node
from tests.support.built_programs import built, need_go_tool
from tests.support.cluster_phases import SPEC, carry_out, undo, verbs
from tests.support.kube_status import phase_of


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
        name="prepared",
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
        kube = provider.kube("prepared")
        assert add_ons.names(kube) == ["flannel", "gatekeeper", "istio", "prometheus"]
        assert add_ons.unready(kube) == ""
        there = {metadata.name(one) for one in kube.items("v1", "Namespace")}
        assert {"gatekeeper-system", "istio-system", "kube-flannel", "team"} <= there
        assert Node(kube.items("apps/v1", "DaemonSet", "kube-flannel")[0]).at("status", "numberReady").value == 2
        assert kube.items(PROMETHEUS, "Prometheus") == []  # a kind that an add-on brought is known
        assert verbs(provider, spec) == {Verb.KEEP}

        kube.create(a_deployment("stranger", "istio-system"))
        meta = {"name": "a", "namespace": "default"}
        kube.create({"apiVersion": PROMETHEUS, "kind": "Prometheus", "metadata": meta, "spec": {}})
        carry_out(provider, replace(spec, add_ons=()), Phase.ADD_ONS)
        assert add_ons.names(kube) == ["flannel"]
        assert kube.items(*WEBHOOKS) == []
        there = {metadata.name(one) for one in kube.items("v1", "Namespace") if phase_of(one) == "Active"}
        assert (there & {"gatekeeper-system", "istio-system"}) == {"istio-system"}
        kinds = {metadata.name(one) for one in kube.items("apiextensions.k8s.io/v1", "CustomResourceDefinition")}
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
        SPEC, name="prepared", provider="kwok", add_ons=("prometheus",), connection={"add-ons": str(tmp_path)}
    )
    provider = KwokProvider(tmp_path / "clusters", built())
    try:
        carry_out(provider, spec)
        found = provider.kube("prepared").get("apps/v1", "Deployment", "prometheus", "default")
        assert Node(found).at("status", "readyReplicas").value == 2
        assert verbs(provider, spec) == {Verb.KEEP}
    finally:
        undo(provider, spec)
