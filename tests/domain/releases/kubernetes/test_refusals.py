"""What a release may not bring to a cluster, however it is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Object
from domain.releases.kubernetes import beside_git, container
from domain.releases.kubernetes.allowed import Allowed, Power
from domain.releases.kubernetes.images import images
from domain.releases.kubernetes.place import Place
from domain.releases.kubernetes.refusals import MAX_OBJECTS, MAX_TOLD, Refusal, refusals, to_allow
from tests.domain.releases.kubernetes.rendered import PLACE, rendered, shop

ROOT_OF_NODE = {"name": "root", "hostPath": {"path": "/"}}
TOKEN = {"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}


def sources(change: Callable[[Any], object] = lambda pod: None, *more: Any) -> list[Any]:
    found: list[Any] = json.loads(json.dumps(container.objects(shop().spec)))
    change(found[0]["spec"]["template"]["spec"])
    return [*found, *more]


def told(objects: list[Any], place: Place = PLACE) -> list[str]:
    return [one.words() for one in refusals(objects, place)]


def plain(version: str, kind: str, **more: Any) -> Any:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, **more}


@given(st.lists(st.sampled_from(["powers: host-path", "powers: node", "kinds: v1/X", "shared: Secret/a", ""])))
def test_what_would_have_to_be_allowed_is_told_as_it_is_written(asked: list[str]) -> None:
    found = yaml.safe_load(f"{{{to_allow([Refusal(0, (), 'why', one) for one in asked])}}}")
    assert {f"{word}: {value}" for word, values in found.items() for value in values} == {*asked} - {""}


@pytest.mark.parametrize("kind", ["gateway.networking.k8s.io/v1/HTTPRoute", "apps/v1/StatefulSet", "v1/ServiceAccount"])
def test_what_no_release_has_cannot_be_allowed(kind: str) -> None:
    place = Place(cluster="c", namespace="team", allowed=Allowed(kinds=(kind,)))
    objects = sources(lambda pod: None, plain(*kind.rsplit("/", 1)))
    assert [one.allow for one in refusals(objects, place)] == [""]


@pytest.mark.parametrize(
    ("kind", "command"), [("argoproj.io/v1alpha1/Rollout", "rollouts"), ("flagger.app/v1beta1/Canary", "flagger")]
)
def test_what_other_tools_release_is_refused_with_what_converts_it(kind: str, command: str) -> None:
    place = Place(cluster="c", namespace="team", allowed=Allowed(kinds=(kind,)))
    (said,) = told(sources(lambda pod: None, plain(*kind.rsplit("/", 1))), place)
    assert f"`sluiceway import {command} FILE`" in said


def test_a_container_is_no_cause_for_refusal() -> None:
    assert told(sources()) == []


@given(rendered())
def test_what_is_not_the_releases_own_is_refused_unless_the_environment_shares_it(objects: list[Object]) -> None:
    assert {one.allow for one in refusals(objects, PLACE)} == {"shared: ConfigMap/elsewhere"}
    shared = Place(cluster="c", namespace="team", allowed=Allowed(shared=("ConfigMap/elsewhere",)))
    assert refusals(objects, shared) == ()


@pytest.mark.parametrize(
    ("power", "change"),
    [
        (Power.HOST_NETWORK, {"hostNetwork": True}),
        (Power.HOST_NETWORK, {"hostNetwork": "true"}),
        (Power.HOST_PROCESSES, {"hostPID": True}),
        (Power.HOST_PROCESSES, {"hostIPC": True}),
        (Power.NODE, {"nodeName": "control-plane"}),
        (Power.RUNTIME_CLASS, {"runtimeClassName": "weak"}),
        (Power.HOST_PATH, {"volumes": [ROOT_OF_NODE]}),
        (Power.CSI, {"volumes": [{"name": "v", "csi": {"driver": "host"}}]}),
        (Power.SYSCTLS, {"securityContext": {"sysctls": [{"name": "kernel.shm_rmid_forced", "value": "0"}]}}),
        (Power.UNCONFINED, {"securityContext": {"seccompProfile": {"type": "Unconfined"}}}),
        (Power.PRIVILEGED, {"securityContext": {"windowsOptions": {"hostProcess": True}}}),
        (Power.DEVICES, {"resourceClaims": [{"name": "gpu"}]}),
    ],
)
def test_a_power_of_a_pod_is_the_environments_to_give(power: Power, change: Any) -> None:
    objects = sources(lambda pod: pod.update(change))
    assert [one.allow for one in refusals(objects, PLACE)] == [f"powers: {power}"]
    given_it = Place(cluster="c", namespace="team", allowed=Allowed(powers=(power,)))
    assert refusals(objects, given_it) == ()


@pytest.mark.parametrize(
    ("power", "change"),
    [
        (Power.PRIVILEGED, {"securityContext": {"privileged": True}}),
        (Power.PRIVILEGED, {"securityContext": {"procMount": "Unmasked"}}),
        (Power.PRIVILEGED, {"securityContext": {"ofTomorrow": True}}),
        (Power.CAPABILITIES, {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}),
        (Power.UNCONFINED, {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}),
        (Power.HOST_PORT, {"ports": [{"containerPort": 80, "hostPort": 80}]}),
        (Power.DEVICES, {"volumeDevices": [{"name": "d", "devicePath": "/dev/sda"}]}),
    ],
)
@pytest.mark.parametrize("kind", ["containers", "initContainers"])
def test_a_power_of_a_container_is_the_environments_to_give(kind: str, power: Power, change: Any) -> None:
    objects = sources(lambda pod: pod.setdefault(kind, [{"name": "i", "image": "i:1"}])[0].update(change))
    assert [one.allow for one in refusals(objects, PLACE)] == [f"powers: {power}"]


@pytest.mark.parametrize(
    "change",
    [
        {"serviceAccountName": "admin"},
        {"serviceAccount": "admin"},
        {"automountServiceAccountToken": True},
        {"automountServiceAccountToken": "false"},
        {"volumes": [TOKEN]},
        {"volumes": [{"name": "s", "secret": {"secretName": "of-another"}}]},
        {"volumes": [{"name": "s", "projected": {"sources": [{"secret": {"name": "cart-r56-env"}}]}}]},
        {"volumes": [{"name": "s", "persistentVolumeClaim": {"claimName": "of-another"}}]},
        {"imagePullSecrets": [{"name": "of-another"}]},
        {"volumes": [{"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": {"volumeName": "pv-of-another"}}}}]},
        {"volumes": [{"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": {"dataSource": {"name": "x"}}}}}]},
        {"volumes": [{"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": {"dataSourceRef": {"name": "x"}}}}}]},
        {"volumes": [{"name": "v", "ephemeral": {"volumeClaimTemplate": {"metadata": {"annotations": {"a": "b"}}}}}]},
        {"initContainers": [{"name": "i", "image": "i", "envFrom": [{"secretRef": {"name": "of-another"}}]}]},
        {"volumes": [{"name": "n", "nfs": {"server": "10.0.0.1", "path": "/"}}]},
        {"priorityClassName": "system-node-critical"},
        {"ephemeralContainers": [{"name": "e"}]},
        {"fieldOfTomorrow": 1},
        {"HostNetwork": True},
        {"containers": [{"name": "x", "image": "x", "livenessProbe": {"httpGet": {"host": "169.254.169.254"}}}]},
        {"containers": {"name": "x", "privileged": True}},
    ],
)
def test_rights_and_secrets_of_others_are_no_releases(change: Any) -> None:
    assert len(told(sources(lambda pod: pod.update(change)))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"volumes": [TOKEN]},
        {"automountServiceAccountToken": True},
        {"serviceAccountName": "shop", "priorityClassName": "system-node-critical"},
    ],
)
def test_an_account_that_is_allowed_lends_nothing_to_others(change: Any) -> None:
    place = Place(cluster="c", namespace="team", allowed=Allowed(accounts=("shop",)))
    assert len(told(sources(lambda pod: pod.update(change)), place)) == 1
    assert told(sources(lambda pod: pod.update({"serviceAccountName": "shop", "volumes": [TOKEN]})), place) == []


@pytest.mark.parametrize(
    "key",
    [
        "sidecar.istio.io/userVolume",  # mounts what it says, a path of the node too
        "config.linkerd.io/init-image",
        "iam.amazonaws.com/role",
        "k8s.v1.cni.cncf.io/networks",
        "container.apparmor.security.beta.kubernetes.io/main",
        "keel.sh/policy",
    ],
)
def test_an_annotation_that_something_acts_on_is_the_environments_to_allow(key: str) -> None:
    def annotated(value: str, *more: str) -> list[Any]:
        found = sources()
        for meta in (found[0]["metadata"], found[0]["spec"]["template"].setdefault("metadata", {})):
            meta["annotations"] = {key: value, **dict.fromkeys(more, "x")}
        return found

    plain = ("team", "checksum/config", "prometheus.io/scrape", "helm.sh/resource-policy")
    assert [one.allow for one in refusals(annotated("x", *plain), PLACE)] == [f"annotations: {key}"] * 2
    allowed = Place(cluster="c", namespace="team", allowed=Allowed(annotations=(key,)))
    assert told(annotated("x", *plain), allowed) == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [(("spec",), "v1/Pod"), (("spec", "jobTemplate", "spec", "template", "spec"), "batch/v1/CronJob"),
     (("spec", "parts", "0", "pod"), "example.org/v1/Team")],
)  # fmt: skip
def test_a_kind_that_is_allowed_makes_no_pod_that_a_deployment_could_not_have(path: Any, kind: str) -> None:
    body: Any = {"hostPID": True, "containers": [{"name": "x", "image": "evil:1"}]}
    for key in reversed(path):
        body = {key: body, "metadata": {"labels": {"sluiceway.dev/release": "shop.production.r56"}}}
    version, _, word = kind.rpartition("/")
    body = {**body, "apiVersion": version, "kind": word, "metadata": {"name": "x"}}
    found = refusals(
        sources(lambda pod: None, body), Place(cluster="c", namespace="team", allowed=Allowed(kinds=(kind,)))
    )
    assert "powers: host-processes" in {one.allow for one in found}
    assert len(path) == 1 or any("label of releases" in one.reason for one in found)
    assert "evil:1" in images([body])


@pytest.mark.parametrize(
    "one",
    [
        plain("rbac.authorization.k8s.io/v1", "RoleBinding"),
        plain("rbac.authorization.k8s.io/v1", "ClusterRole"),
        plain("v1", "Namespace"),
        plain("v1", "ServiceAccount"),
        plain("v1", "Pod"),
        plain("v1", "PersistentVolumeClaim"),
        plain("apps/v1", "DaemonSet"),
        plain("apps/v1beta1", "Deployment"),
        plain("gateway.networking.k8s.io/v1", "HTTPRoute"),
        plain("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
        plain("v1", "Service", spec={"type": "NodePort"}),
        plain("v1", "Service", spec={"type": "LoadBalancer"}),
        plain("v1", "Service", spec={"type": "ExternalName"}),
        plain("v1", "Service", spec={"externalIPs": ["10.0.0.1"]}),
        plain("v1", "Service", spec={"ports": [{"port": 80, "nodePort": 30000}]}),
        plain("v1", "Secret", type="kubernetes.io/service-account-token"),
        plain("batch/v1", "Job", spec={"template": {"spec": {"containers": [{"name": "x", "image": "x"}]}}}),
        plain("autoscaling/v2", "HorizontalPodAutoscaler", spec={"scaleTargetRef": {"kind": "StatefulSet"}}),
        {**plain("v1", "ConfigMap"), "metadata": {"name": "x", "namespace": "kube-system"}},
        {**plain("v1", "ConfigMap"), "metadata": {"name": "x", "finalizers": ["a/b"]}},
        {**plain("v1", "ConfigMap"), "metadata": {"name": "x", "ownerReferences": [{"uid": "u"}]}},
        {**plain("v1", "ConfigMap"), "metadata": {"generateName": "x"}},
        {**plain("v1", "ConfigMap"), "metadata": {"name": "../x"}},
        {**plain("v1", "ConfigMap"), "metadata": {"name": "x", "labels": {"sluiceway.dev/release": "a.b.r1"}}},
        {**plain("v1", "ConfigMap"), "metadata": {"name": "x", "labels": {"node.kubernetes.io/x": "y"}}},
        plain("v1", "ConfigMap", data={"a": "x" * (1 << 20)}),
        "no object",
        [],
        None,
        {},
    ],
)
def test_an_object_that_is_no_releases_is_refused_with_its_place(one: Any) -> None:
    found = refusals(sources(lambda pod: None, one), PLACE)
    assert found
    assert {refused.index for refused in found} == {2}


def test_a_kind_is_allowed_by_its_whole_name_and_what_is_of_no_namespace_never() -> None:
    scaled = plain("keda.sh/v1alpha1", "ScaledObject", spec={"scaleTargetRef": {"name": "shop"}})
    place = Place(
        cluster="c", namespace="team", allowed=Allowed(kinds=("keda.sh/v1alpha1/ScaledObject", "v1/Namespace"))
    )
    assert told(sources(lambda pod: None, scaled)) != []
    assert told(sources(lambda pod: None, scaled), place) == []
    assert told(sources(lambda pod: None, plain("v1", "Namespace")), place) != []


def test_a_release_is_exactly_one_deployment_with_each_name_once() -> None:
    assert told([]) != []
    assert told([*sources(), *sources()]) != []
    config = plain("v1", "ConfigMap")
    assert told(sources(lambda pod: None, config, config)) == ["v1/ConfigMap x is there 2 times"]


def test_many_objects_and_deep_ones_are_refused_without_being_walked() -> None:
    assert len(told([plain("v1", "ConfigMap")] * (MAX_OBJECTS + 1))) == 1
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    assert len(told(sources(lambda pod: None, plain("v1", "ConfigMap", data=deep)))) == 1
    assert len(told([plain("v1", "Pod")] * MAX_OBJECTS)) == MAX_TOLD


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["metadata", "spec", "type"]), JSON, st.sampled_from(["Service", "Secret", "ConfigMap", "Job"]))
def test_no_shape_is_an_error(key: str, value: Any, kind: str) -> None:
    refusals([{"apiVersion": "batch/v1" if kind == "Job" else "v1", "kind": kind, key: value}], PLACE)


@given(st.sampled_from(["containers", "initContainers", "volumes", "securityContext", "affinity", "new"]), JSON)
def test_no_shape_of_a_pod_is_an_error(key: str, value: Any) -> None:
    refusals(sources(lambda pod: pod.update({key: value})), PLACE)


@pytest.mark.parametrize(
    ("replicas", "annotations", "refused"),
    [
        (None, {}, False),
        (0, {}, False),
        (2, {}, True),
        ("2", {}, True),
        (2, {"argocd.argoproj.io/hook": "PostSync"}, True),
        (2, {"argocd.argoproj.io/hook": "Skip"}, False),
        (2, {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"}, False),
    ],
)
def test_what_git_applies_as_well_gets_no_pods_from_there(replicas: Any, annotations: Any, refused: bool) -> None:
    objects = sources()
    objects[0]["spec"]["replicas"] = replicas
    objects[0]["metadata"]["annotations"] = annotations
    found = [one for one in told(objects, replace(PLACE, beside_git=True)) if beside_git.REASON in one]
    assert bool(found) == refused
    assert not [one for one in told(objects) if beside_git.REASON in one]
