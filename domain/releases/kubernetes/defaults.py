"""Fields that nobody has named and that are no additions, each with who writes it.

Source: SetDefaults_* of Kubernetes' pkg/apis/{core,apps,autoscaling}/v*/defaults.go and the plugins of its
admission that act on pods. A value that is listed says what no value says; any other one is somebody's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from domain.core.documents import Node
from domain.core.values import Json

Names = tuple[str, ...]
"""Fields from an object's spec on, without the elements of lists."""
_MODES = ("secret", "configMap", "downwardAPI", "projected")
_CONTAINERS = ("containers", "initContainers")
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_OF_PROBES: Mapping[str, Json] = {
    "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3
}  # fmt: skip

_OF_POD: Mapping[str, Json] = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
}
_OF_CONTAINER: Mapping[str, Collection[Json]] = {
    "terminationMessagePath": ("/dev/termination-log",),
    "terminationMessagePolicy": ("File",),
    "imagePullPolicy": ("Always", "IfNotPresent", "Never"),  # by the image's tag, or the plugin AlwaysPullImages
}
_AT_ANY_DEPTH: Mapping[Names, Json] = {
    **{(mode, "defaultMode"): 0o644 for mode in _MODES},
    **{(probe, key): value for probe in _PROBES for key, value in _OF_PROBES.items()},
    ("ports", "protocol"): "TCP",
    ("httpGet", "path"): "/",
    ("httpGet", "scheme"): "HTTP",
    ("fieldRef", "apiVersion"): "v1",
    ("serviceAccountToken", "expirationSeconds"): 3600,
    ("image", "pullPolicy"): "IfNotPresent",
    ("securityContext", "procMount"): "Default",
    ("volumeClaimTemplate", "spec", "volumeMode"): "Filesystem",
}
_OF_SERVICE: Mapping[str, Collection[Json]] = {
    "type": ("ClusterIP",),
    "sessionAffinity": ("None",),
    "internalTrafficPolicy": ("Cluster",),
}
_METRICS: Json = [
    {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}
]
_DOWN: Json = {"type": "Percent", "value": 100, "periodSeconds": 15}
_OF_BEHAVIOUR: Mapping[str, Mapping[str, Json]] = {
    "scaleUp": {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}, _DOWN],
    },
    "scaleDown": {"selectPolicy": "Max", "policies": [_DOWN]},
}
"""Both are filled as soon as a release names one of them (SetDefaults_HorizontalPodAutoscalerBehavior)."""
_GIVEN_TO_SERVICES = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
"""By the API server, which lets nobody change an address."""
_GIVEN_TO_PODS = (
    "nodeName", "hostname",  # the scheduler; a controller
    "priority", "preemptionPolicy",  # the plugin Priority
    "tolerations",  # DefaultTolerationSeconds, ExtendedResourceToleration: they choose a node, and give nothing
    "nodeSelector",  # PodNodeSelector: as above
    "imagePullSecrets",  # ServiceAccount: those of the account
    "overhead",  # RuntimeClass
    "readinessGates",  # controllers of load balancers
    "resources", "resizePolicy",  # LimitRanger, and what follows from limits; of containers, too
    "topologySpreadConstraints", "affinity",  # the server writes `matchLabelKeys` out as selectors
)  # fmt: skip
_TOKEN = ("kube-api-access-", "/var/run/secrets/kubernetes.io/serviceaccount")
"""The volume of the account's token (plugin ServiceAccount), and where it is mounted."""

OF_MESHES: Mapping[str, frozenset[str]] = {
    "istio": frozenset({
        "istio-proxy", "istio-init", "istio-validation", "workload-socket", "credential-socket", "workload-certs",
        "istio-envoy", "istio-data", "istio-podinfo", "istio-token", "istiod-ca-cert", "istio-ca-crl",
    }),
    "linkerd": frozenset({
        "linkerd-proxy", "linkerd-init", "linkerd-network-validator", "linkerd-proxy-init-xtables-lock",
        "linkerd-identity-end-entity", "linkerd-identity-token",
    }),
}  # fmt: skip
"""Router to containers and volumes that its webhook puts into each pod: by their names, which anybody may choose."""


def in_template(names: Names, value: Json, wanted: Mapping[str, Json]) -> bool:
    """Whether the API server writes it into a pod's template. `wanted`: the template's spec as it was applied."""
    if names in (("serviceAccount",), ("deprecatedServiceAccount",)):
        return value == wanted.get("serviceAccountName")
    if len(names) == 1 and names[0] in _OF_POD:
        return value == _OF_POD[names[0]]
    if len(names) == 2 and names[0] in _CONTAINERS and names[1] in _OF_CONTAINER:
        return value in _OF_CONTAINER[names[1]]
    return any(names[-len(last) :] == last and value == known for last, known in _AT_ANY_DEPTH.items())


def in_pod(names: Names, value: Json, wanted: Mapping[str, Json]) -> bool:
    """The same of a pod, which admission and controllers write to as well."""
    if names in (("serviceAccountName",), ("serviceAccount",)):
        return value == (wanted.get("serviceAccountName") or "default")
    if names == ("enableServiceLinks",):
        return value is True
    given = {*names[:1]} & {*_GIVEN_TO_PODS} or {*names[1:2]} & {"resources", "resizePolicy"}
    return bool(given) or in_template(names, value, wanted)


def by_mesh(names: Names, router: str) -> bool:
    """Whether a mesh has put a probe of its own in the place of a container's, which asks its sidecar by HTTP."""
    return router in OF_MESHES and {*names[1:2]} & {*_PROBES} != set() and names[2:3] == ("httpGet",)


def of_admission(names: Names, element: Mapping[str, Json], router: str) -> bool:
    """Whether an element of a list of a pod is the account's token, or its mesh's sidecar."""
    name = str(element.get("name", ""))
    if names[1:] == ("volumeMounts",):
        return name.startswith(_TOKEN[0]) and element.get("mountPath") == _TOKEN[1]
    if names == ("volumes",) and name.startswith(_TOKEN[0]):
        return set(element) <= {"name", "projected"}
    return len(names) == 1 and name in OF_MESHES.get(router, ()) and "hostPath" not in element


def in_service(names: Names, value: Json) -> bool:
    """Whether the API server writes it into a Service's spec."""
    if {*names[:1]} & {*_GIVEN_TO_SERVICES}:
        return True
    if len(names) == 1 and names[0] in _OF_SERVICE:
        return value in _OF_SERVICE[names[0]]
    return names == ("ports", "protocol") and value == "TCP"


def in_autoscaler(names: Names, value: Json, wanted: Mapping[str, Json]) -> bool:
    """Whether the API server writes it into an autoscaler's spec, in a list of which the release has named nothing.

    `wanted`: the spec as it was applied.
    """
    spec = Node(wanted)
    if names == ("metrics",):
        return not spec["metrics"] and _is_one(value, _METRICS)
    if len(names) == 3 and names[0] == "behavior":
        known = _OF_BEHAVIOUR.get(names[1], {}).get(names[2])
        return spec["behavior"].value is not None and not spec.at(*names) and (value == known or _is_one(value, known))
    return names == ("minReplicas",) and value == 1


def _is_one(value: Json, of: Json) -> bool:
    return isinstance(of, list) and value in of
