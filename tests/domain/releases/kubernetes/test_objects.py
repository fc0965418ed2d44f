"""What a release is made of: its own objects, all of them, and nothing of another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.names import is_name
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import container, naming
from domain.releases.kubernetes.allowed import Allowed
from domain.releases.kubernetes.objects import ReleaseObjects, env_secret, owned, release_objects
from domain.releases.kubernetes.parts import HOOK
from domain.releases.kubernetes.references import references
from tests.domain.releases.kubernetes.rendered import RELEASES, rendered, shop


def made(deployment: Deployment, *sources: Any) -> ReleaseObjects:
    return release_objects(deployment, sources or container.objects(deployment.spec))


def pods(one: ReleaseObjects) -> Iterator[Node]:
    yield from (Node(each).at("spec", "template") for each in (one.workload, *one.hooks.values()))


@given(RELEASES, rendered())
def test_every_object_belongs_to_its_release(deployment: Deployment, sources: list[Object]) -> None:
    found = release_objects(deployment, sources)
    for one in found.every():
        assert metadata.labels(one)[naming.RELEASE] == naming.release_label(deployment)
        assert deployment.instance in metadata.name(one)
        assert metadata.annotations(one)["argocd.argoproj.io/compare-options"] == "IgnoreExtraneous"
        assert [key for key in metadata.annotations(one) if key.startswith("argocd")][1:] == []
        assert metadata.owners(owned(one, "shop-r57", "u"))[0]["uid"].text() == "u"
    assert len({(Node(one)["kind"].text(), metadata.name(one)) for one in found.every()}) == len(found.every())


@given(RELEASES, RELEASES, rendered())
def test_two_releases_share_no_name_and_no_selector(one: Deployment, other: Deployment, sources: list[Object]) -> None:
    other = replace(other, environment=one.environment)
    if other.instance == one.instance:  # an environment numbers its releases, whatever their service
        return
    first, second = release_objects(one, sources), release_objects(other, sources)
    assert not {metadata.name(each) for each in first.every()} & {metadata.name(each) for each in second.every()}
    for selected in pods(second):
        for by in (first.service, first.workload, first.budget):
            wanted = Node(by).at("spec", "selector")
            wanted = wanted["matchLabels"] if wanted["matchLabels"] else wanted
            assert wanted.strings()
            assert not wanted.strings().items() <= selected.at("metadata", "labels").strings().items()


@given(RELEASES, rendered())
def test_the_same_source_gives_the_same_bytes(deployment: Deployment, sources: list[Object]) -> None:
    copied = json.loads(json.dumps(sources))
    assert json.dumps(release_objects(deployment, sources).every()) == json.dumps(
        release_objects(deployment, copied).every()
    )
    assert copied == sources


@given(RELEASES, rendered())
def test_what_a_release_reads_is_its_own_copy(deployment: Deployment, sources: list[Object]) -> None:
    found = release_objects(deployment, sources)
    own = {(Node(one)["kind"].text(), metadata.name(one)) for one in found.config}
    given_names = {(Node(one)["kind"].text(), metadata.name(one)) for one in sources}
    for pod in pods(found):
        for _, ref in references(pod["spec"]):
            assert ref in own or ref not in given_names
    assert all(one["immutable"] is True for one in found.config)


@given(RELEASES, rendered())
def test_a_hook_gets_no_request_of_the_release(deployment: Deployment, sources: list[Object]) -> None:
    found = release_objects(deployment, sources)
    chosen = Node(found.service).at("spec", "selector").strings()
    assert chosen.items() <= Node(found.workload).at("spec", "template", "metadata", "labels").strings().items()
    for job in found.hooks.values():
        labels = Node(job).at("spec", "template", "metadata", "labels").strings()
        assert not chosen.items() <= labels.items()


@given(RELEASES)
def test_names_and_labels_fit_a_cluster(deployment: Deployment) -> None:
    if naming.service_complaint(deployment.service):
        return
    for name in (naming.object_name(deployment), naming.hook_name(deployment, "contract"), naming.env_name(deployment)):
        assert is_name(name)
    for value in naming.labels(deployment).values():
        assert len(value) <= naming.MAX_LABEL
        assert value == value.strip("-._")


def test_a_container_is_a_deployment_that_its_service_reaches() -> None:
    found = made(shop(port=9000, cpu=0.5, memory_mb=64, env={"MODE": "fast"}))
    pod = Node(found.workload).at("spec", "template", "spec")
    main = pod["containers"].first()
    assert main["image"].text().startswith("shop@sha256:")
    assert main.at("resources", "limits").value == {"cpu": "0.5", "memory": "64Mi"}
    assert {one["name"].text(): one["value"].text() for one in main["env"]} == {"PORT": "9000", "MODE": "fast"}
    assert main.at("lifecycle", "preStop", "sleep", "seconds").value == 5
    assert pod["terminationGracePeriodSeconds"].value == 15
    port = Node(found.service).at("spec", "ports").first()
    assert (port["port"].value, port["targetPort"].value) == (9000, "http")
    assert main["ports"].first()["containerPort"].value == 9000


def test_nothing_of_a_source_has_the_name_of_another_services_objects() -> None:
    taken = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "billing"}, "data": {}}
    own = {metadata.name(one) for one in made(shop(), *container.objects(shop().spec), taken).every()}
    assert "billing-r57" not in own
    for name in ("shop-preview", "shop-r57", "shop-r57-preview", "shop-r57-env"):
        assert naming.service_complaint(name)


@pytest.mark.parametrize("said", [None, False, "true", 1])
def test_a_pod_has_no_token_unless_it_is_asked_for(said: Any) -> None:
    sources = json.loads(json.dumps(container.objects(shop().spec)))
    sources[0]["spec"]["template"]["spec"]["automountServiceAccountToken"] = said
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "annotations": {HOOK: "before"}}}
    job["spec"] = {"template": sources[0]["spec"]["template"]}
    for pod in pods(made(shop(), *sources, job)):
        assert pod["spec"]["automountServiceAccountToken"].value is False


def test_a_kind_of_another_group_is_taken_for_no_job_and_no_secret_of_a_release() -> None:
    job = {
        "apiVersion": "batch.volcano.sh/v1alpha1",
        "kind": "Job",
        "metadata": {"name": "j", "annotations": {HOOK: "before"}},
    }
    token = {"apiVersion": "bitnami.com/v1", "kind": "Secret", "metadata": {"name": "t"}, "type": "a-token"}
    found = made(shop(), *container.objects(shop().spec), job, token)
    assert (dict(found.hooks), found.config, len(found.others)) == ({}, (), 2)


def test_images_are_pulled_with_the_releases_own_credentials() -> None:
    sources = json.loads(json.dumps(container.objects(shop().spec)))
    sources[0]["spec"]["template"]["spec"]["imagePullSecrets"] = [{"name": "registry"}]
    own = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "registry"}, "data": {}}
    pod = Node(made(shop(), *sources, own).workload).at("spec", "template", "spec")
    assert pod["imagePullSecrets"].value == [{"name": "shop-r57.registry"}]


def test_the_values_of_secrets_are_in_a_secret_of_the_release_alone() -> None:
    deployment = replace(shop(), secrets={"TOKEN": "shop/token"})
    main = Node(made(deployment).workload).at("spec", "template", "spec", "containers").first()
    ref = next(one for one in main["env"] if one["name"].text() == "TOKEN").at("valueFrom", "secretKeyRef")
    secret = env_secret(deployment, {"TOKEN": "s3cret"})
    assert ref["name"].text() == metadata.name(secret) == "shop-r57-env"
    assert "s3cret" not in json.dumps([*made(deployment).every()])


def test_an_autoscaler_of_each_version_owns_the_number_of_its_pods() -> None:
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"}}
    scaler["spec"] = {"scaleTargetRef": {"kind": "Deployment", "name": "shop"}, "maxReplicas": 9}
    found = made(shop(), *container.objects(shop().spec), scaler)
    assert Node(found.autoscaler).at("spec", "scaleTargetRef", "name").text() == "shop-r57"
    assert "replicas" not in Node(found.workload)["spec"].object()
    assert Node(made(shop()).workload).at("spec", "replicas").value == 3


def test_labels_that_others_may_select_by_are_not_on_a_version_that_is_not_live() -> None:
    labels = Node(made(shop()).workload).at("spec", "template", "metadata", "labels").strings()
    assert "app" not in labels
    spec = shop().spec.kubernetes
    assert spec is not None
    place = replace(spec.place, allowed=Allowed(labels=("app",)))
    allowed = replace(shop(), spec=replace(shop().spec, kubernetes=replace(spec, place=place)))
    assert Node(made(allowed).workload).at("spec", "template", "metadata", "labels", "app").text() == "shop"


def test_a_configmap_of_the_services_name_is_not_taken_for_the_root() -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shop"}, "data": {"a": "b"}}
    found = made(shop(), *container.objects(shop().spec), config)
    assert [metadata.name(one) for one in (found.root, *found.config)] == ["shop-r57", "shop-r57.shop"]


def test_versions_are_spread_each_by_itself() -> None:
    source = json.loads(json.dumps(container.objects(shop().spec)))
    pod = source[0]["spec"]["template"]["spec"]
    own, other = ({"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": "zone"} for app in ("shop", "cart"))
    pod["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [own, other]}}
    terms = Node(made(shop(), *source).workload).at("spec", "template", "spec", "affinity", "podAntiAffinity")
    first, second = terms["requiredDuringSchedulingIgnoredDuringExecution"]
    assert first["matchLabelKeys"].value == [naming.RELEASE]
    assert second.value == other
