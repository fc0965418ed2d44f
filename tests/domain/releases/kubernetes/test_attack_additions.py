"""What somebody puts into the objects of a release beside what it has applied is told, with who did it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.kubernetes import additions, drift, naming
from tests.domain.releases.kubernetes.test_drift import WANTED
from tests.support.objects import values

SERVICE: Any = {
    "kind": "Service",
    "metadata": {"name": "web-r1"},
    "spec": {"selector": {"a": "b"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]},
}


def defaulted() -> Any:
    """The Deployment as an API server of 1.34 writes it."""
    live = copy.deepcopy(WANTED)
    live["spec"] |= {"strategy": {"type": "RollingUpdate"}, "progressDeadlineSeconds": 600}
    live["spec"]["template"]["metadata"] = {"creationTimestamp": None}
    pod = live["spec"]["template"]["spec"]
    pod |= {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler"}
    pod |= {"securityContext": {}, "terminationGracePeriodSeconds": 30}
    pod["containers"][0] |= {
        "imagePullPolicy": "Always",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    return live


def as_pod() -> Any:
    """One of its pods, as admission lets it in and the scheduler places it."""
    pod = copy.deepcopy(defaulted()["spec"]["template"]["spec"])
    pod |= {"nodeName": "n1", "serviceAccountName": "default", "serviceAccount": "default", "priority": 0}
    pod |= {"enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}
    pod["tolerations"] = [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}]
    pod["volumes"] = [{"name": "kube-api-access-x1", "projected": {"defaultMode": 420, "sources": []}}]
    mount = {"name": "kube-api-access-x1", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    pod["containers"][0]["volumeMounts"] = [mount]
    pod["containers"][0]["resizePolicy"] = [{"resourceName": "cpu", "restartPolicy": "NotRequired"}]
    pod["containers"][0]["resources"] = {"requests": {"cpu": "1", "memory": "1Mi"}}
    return {"metadata": {"name": "web-r1-0"}, "spec": pod}


def managed(live: Any, manager: str, pod: Any) -> Any:
    """The same, with fields of a pod's template that somebody owns."""
    fields = {"f:spec": {"f:template": {"f:spec": pod}}}
    live["metadata"]["managedFields"] = [{"manager": manager, "operation": "Apply", "time": "t", "fieldsV1": fields}]
    return live


ADDED: list[tuple[Any, str]] = [
    ({"containers": [{"name": "spy", "image": "spy:1"}]}, 'containers[name="spy"]'),
    ({"initContainers": [{"name": "spy", "image": "spy:1"}]}, 'initContainers[name="spy"]'),
    ({"volumes": [{"name": "root", "hostPath": {"path": "/"}}]}, 'volumes[name="root"]'),
    ({"serviceAccountName": "admin", "serviceAccount": "admin"}, "serviceAccountName"),
    ({"hostNetwork": True}, "hostNetwork"),
    ({"securityContext": {"runAsUser": 0}}, "securityContext.runAsUser"),
    ({"dnsPolicy": "Default"}, "dnsPolicy"),
]
INSIDE: list[tuple[Any, str]] = [
    ({"env": [{"name": "LD_PRELOAD", "value": "x"}]}, 'env[name="LD_PRELOAD"]'),
    ({"env": [{"name": "MODE", "value": "evil"}]}, 'env[name="MODE"]'),
    ({"volumeMounts": [{"name": "root", "mountPath": "/host"}]}, 'volumeMounts[name="root"]'),
    ({"envFrom": [{"secretRef": {"name": "other"}}]}, "envFrom[]"),
    ({"command": ["sh"]}, "command"),
    ({"restartPolicy": "Always"}, "restartPolicy"),
    ({"securityContext": {"privileged": False, "runAsUser": 0}}, "securityContext.runAsUser"),
]


def put(into: Any, more: Any) -> None:
    for key, value in more.items():
        into[key] = [*into.get(key, []), *value] if isinstance(value, list) else value


@pytest.mark.parametrize(("more", "field"), ADDED)
def test_what_was_added_to_a_pods_template_is_told(more: Any, field: str):
    live = defaulted()
    put(live["spec"]["template"]["spec"], more)
    assert drift.lines(WANTED, live) == []
    lines = additions.lines(WANTED, live)
    assert f"Deployment web-r1: .spec.template.spec.{field} was added by whoever" in lines


@pytest.mark.parametrize(("more", "field"), INSIDE)
def test_what_was_added_to_a_container_is_told(more: Any, field: str):
    live = defaulted()
    put(live["spec"]["template"]["spec"]["containers"][0], more)
    (line,) = additions.lines(WANTED, live)
    assert f'.containers[name="web"].{field} was added by whoever' in line


@pytest.mark.parametrize("manager", ["kubectl-patch", naming.WORKLOADS, naming.NUMBERS])
def test_who_added_it_is_told_under_whatever_name(manager: str):
    live = defaulted()
    live["spec"]["template"]["spec"]["containers"].append({"name": "spy", "image": "spy:1"})
    fields: Any = {"f:containers": {'k:{"name":"spy"}': {".": {}, "f:image": {}}}}
    (line,) = additions.lines(WANTED, managed(live, manager, fields))
    assert line.endswith(f"was added by {manager} at t")


def test_what_others_own_elsewhere_is_not_said_to_be_by_them():
    live = defaulted()
    live["spec"]["template"]["spec"]["containers"].append({"name": "spy", "image": "spy:1"})
    fields: Any = {"f:containers": {'k:{"name":"web"}': {"f:image": {}}}}
    (line,) = additions.lines(WANTED, managed(live, "someone", fields))
    assert line.endswith("was added by whoever")


def test_an_order_to_a_webhook_is_told_and_a_restart_is_none():
    live = defaulted()
    live["spec"]["template"]["metadata"]["annotations"] = {
        "sidecar.istio.io/userVolume": "[]",
        additions.RESTARTED: "2026-01-01T00:00:00Z",
    }
    (line,) = additions.lines(WANTED, live)
    assert ".annotations.sidecar.istio.io/userVolume was added" in line


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"externalIPs": ["203.0.113.1"]}, "externalIPs"),
        ({"ports": [{"name": "debug", "port": 81}]}, 'ports[name="debug"]'),
        ({"type": "NodePort"}, "type"),
    ],
)
def test_what_was_added_to_a_service_is_told(more: Any, field: str):
    live = copy.deepcopy(SERVICE)
    live["spec"] |= {
        "type": "ClusterIP",
        "clusterIP": "10.0.0.1",
        "clusterIPs": ["10.0.0.1"],
        "sessionAffinity": "None",
    }
    live["spec"] |= {"ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster"}
    live["spec"]["ports"][0]["protocol"] = "TCP"
    assert additions.lines(SERVICE, live) == []
    put(live["spec"], more)
    (line,) = additions.lines(SERVICE, live)
    assert f"Service web-r1: .spec.{field} was added" in line


def measured(name: str, percent: int) -> Any:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": name, "target": target}}


SCALER: Any = {
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web-r1"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web-r1"},
        "maxReplicas": 9,
        "metrics": [measured("cpu", 70), measured("memory", 80)],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
    },
}
BUDGET: Any = {
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "web-r1"},
    "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"a": "b"}}},
}
CONFIG: Any = {"kind": "ConfigMap", "metadata": {"name": "env-r1"}, "data": {"MODE": "safe"}}
SECRET: Any = {**CONFIG, "kind": "Secret", "data": {"KEY": "eA=="}, "stringData": {"WORD": "y"}}


def scaled() -> Any:
    """The autoscaler as a server gives it back that stores v1, with its defaults."""
    live = copy.deepcopy(SCALER)
    fastest = {"type": "Percent", "value": 100, "periodSeconds": 15}
    policies = [{"type": "Pods", "value": 4, "periodSeconds": 15}, fastest]
    live["spec"]["metrics"].reverse()
    live["spec"]["minReplicas"] = 1
    live["spec"]["behavior"]["scaleDown"] |= {"selectPolicy": "Max", "policies": [fastest]}
    live["spec"]["behavior"]["scaleUp"] = {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": policies,
    }
    return live


def test_what_a_server_writes_into_an_autoscaler_is_no_drift():
    assert additions.lines(SCALER, scaled()) == drift.lines(SCALER, scaled()) == []
    plain: Any = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"}, "spec": {"maxReplicas": 2}}
    given = {**plain, "spec": {"maxReplicas": 2, "minReplicas": 1, "metrics": [measured("cpu", 80)]}}
    assert additions.lines(plain, given) == drift.lines(plain, given) == []
    empty: Any = {**plain, "spec": {"maxReplicas": 2, "behavior": {}}}
    given["spec"]["behavior"] = scaled()["spec"]["behavior"]
    del given["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"]
    assert additions.lines(empty, given) == []
    assert additions.lines(plain, given) != [], "without one the server writes none"


@pytest.mark.parametrize(
    ("wanted", "live", "at", "more", "field"),
    [
        (SCALER, scaled(), ("spec",), {"metrics": [measured("web", 1)]}, "spec.metrics[]"),
        (
            SCALER, scaled(), ("spec", "behavior", "scaleDown"), {"selectPolicy": "Disabled"},
            "spec.behavior.scaleDown.selectPolicy",
        ),
        (
            SCALER, scaled(), ("spec", "behavior", "scaleUp"), {"policies": [{"type": "Pods", "value": 99}]},
            "spec.behavior.scaleUp.policies[]",
        ),
        (BUDGET, BUDGET, ("spec",), {"unhealthyPodEvictionPolicy": "AlwaysAllow"}, "spec.unhealthyPodEvictionPolicy"),
        (BUDGET, BUDGET, ("spec", "selector", "matchLabels"), {"c": "d"}, "spec.selector.matchLabels.c"),
        (CONFIG, CONFIG, ("data",), {"LD_PRELOAD": "x"}, "data.LD_PRELOAD"),
        (SECRET, SECRET, ("data",), {"WORD": "eQ==", "LD_PRELOAD": "x"}, "data.LD_PRELOAD"),
    ],
)  # fmt: skip
def test_what_was_added_to_an_autoscaler_a_budget_or_configuration_is_told(
    wanted: Any, live: Any, at: tuple[str, ...], more: Any, field: str
):
    assert additions.lines(wanted, live) == []
    changed = copy.deepcopy(live)
    inside = changed
    for step in at:
        inside = inside[step]
    put(inside, more)
    assert [line.split()[2] for line in additions.lines(wanted, changed)] == [f".{field}"]


@pytest.mark.parametrize(
    ("wanted", "at", "key", "value"),
    [
        (SCALER, ("spec", "scaleTargetRef"), "name", "other"),
        (SCALER, ("spec",), "metrics", [measured("cpu", 99), measured("memory", 80)]),
        (BUDGET, ("spec",), "maxUnavailable", "100%"),
    ],
)
def test_an_autoscaler_or_a_budget_with_another_value_is_told_under_whatever_name(
    wanted: Any, at: tuple[str, ...], key: str, value: Any
):
    changed = copy.deepcopy(wanted)
    inside = changed
    for step in at:
        inside = inside[step]
    inside[key] = value
    assert any(f".{key} is not as released" in line for line in drift.lines(wanted, changed))


def test_what_the_api_server_admission_and_the_scheduler_write_is_no_addition():
    assert additions.lines(WANTED, defaulted()) == []
    assert additions.of_pod(WANTED, as_pod(), "gateway-api") == additions.other_programs(WANTED, as_pod()) == []


@pytest.mark.parametrize(("more", "field"), [*ADDED, ({"ephemeralContainers": [{"name": "x"}]}, "ephemeralContainers")])
def test_what_was_added_to_a_pod_is_told(more: Any, field: str):
    pod = as_pod()
    put(pod["spec"], more)
    assert any(f".spec.{field}" in line for line in additions.of_pod(WANTED, pod, ""))


@pytest.mark.parametrize(("key", "value"), [("image", "evil:1"), ("command", ["sh"]), ("args", None), ("env", [])])
def test_a_pod_that_runs_another_program_is_told(key: str, value: Any):
    wanted = copy.deepcopy(WANTED)
    wanted["spec"]["template"]["spec"]["containers"][0]["command"] = ["serve"]
    pod = as_pod()
    pod["spec"]["containers"][0] |= {"command": ["serve"], key: value}
    assert additions.other_programs(wanted, pod) == [f"Pod web-r1-0: {key} of container web is not as released"]


def test_the_sidecar_of_the_mesh_that_leads_the_release_is_none_and_any_other_is_told():
    pod = as_pod()
    put(
        pod["spec"], {"initContainers": [{"name": "istio-proxy"}], "volumes": [{"name": "istio-envoy", "emptyDir": {}}]}
    )
    assert additions.of_pod(WANTED, pod, "istio") == []
    assert len(additions.of_pod(WANTED, pod, "linkerd")) == len(additions.of_pod(WANTED, pod, "gateway-api")) == 2


def test_a_mesh_asks_its_sidecar_for_a_probe_and_starts_no_program_by_one():
    pod = as_pod()
    main = pod["spec"]["containers"][0]
    main["readinessProbe"] = {"httpGet": {"path": "/app-health/web/readyz", "port": 15020}, "periodSeconds": 10}
    assert additions.of_pod(WANTED, pod, "istio") == []
    assert len(additions.of_pod(WANTED, pod, "gateway-api")) == 2
    main["readinessProbe"] = {"exec": {"command": ["evil"]}}
    assert len(additions.of_pod(WANTED, pod, "istio")) == 1


@pytest.mark.parametrize("name", ["kube-api-access-evil", "istio-envoy"])
def test_a_volume_that_is_called_as_a_known_one_gives_no_files_of_the_node(name: str):
    pod = as_pod()
    put(pod["spec"], {"volumes": [{"name": name, "hostPath": {"path": "/"}}]})
    (line,) = additions.of_pod(WANTED, pod, "istio")
    assert f'.volumes[name="{name}"]' in line


@given(values, values, st.sampled_from(sorted(additions.LOOKED_AT)))
def test_whatever_a_cluster_says_is_read_within_bounds(said: Any, other: Any, kind: str):
    spec = {"template": {"spec": other, "metadata": said}, "ports": said}
    for body in (spec, said):
        live = {"metadata": {"managedFields": [{"fieldsV1": said, "manager": said}, other]}, "spec": body}
        found = additions.lines({"kind": kind, "metadata": {"name": "x"}, "spec": {"template": {"spec": said}}}, live)
        assert len(found) <= drift.MOST
        assert len(additions.of_pod(WANTED, live, "istio")) <= drift.MOST
        assert len(additions.other_programs(WANTED, live)) <= drift.MOST


@given(values)
def test_an_object_has_nothing_beyond_itself(said: Any):
    one: Any = {"kind": "Deployment", "metadata": {"name": "x"}, "spec": {"template": {"spec": said, "metadata": said}}}
    assert additions.lines(one, json.loads(json.dumps(one))) == []
