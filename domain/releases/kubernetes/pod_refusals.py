"""What of a pod reaches beyond it: the machine, another's rights, another's configuration.

Every field of a pod, a container and a volume that may be there is listed; a new one of Kubernetes is refused until
somebody has looked at it. Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from domain.core.documents import Node
from domain.releases.kubernetes import kept
from domain.releases.kubernetes.allowed import Allowed, Power
from domain.releases.kubernetes.references import Path, Ref, references

Complaint: TypeAlias = tuple[Path, str, str]
"""Path, reason, and what the environment would have to allow."""
_Told: TypeAlias = Iterator[Complaint]

_POD = frozenset({
    "activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "containers", "dnsConfig", "dnsPolicy",
    "enableServiceLinks", "hostAliases", "hostname", "imagePullSecrets", "initContainers", "nodeSelector", "os",
    "preemptionPolicy", "priorityClassName", "readinessGates", "restartPolicy", "securityContext", "serviceAccount",
    "serviceAccountName", "shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "tolerations",
    "topologySpreadConstraints", "volumes",
})  # fmt: skip
_POD_POWERS = {
    "hostNetwork": Power.HOST_NETWORK,
    "hostPID": Power.HOST_PROCESSES,
    "hostIPC": Power.HOST_PROCESSES,
    "nodeName": Power.NODE,
    "runtimeClassName": Power.RUNTIME_CLASS,
    "resourceClaims": Power.DEVICES,
}
_CONTAINER = frozenset({
    "args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "name", "ports",
    "readinessProbe", "resizePolicy", "resources", "restartPolicy", "securityContext", "startupProbe", "stdin",
    "terminationMessagePath", "terminationMessagePolicy", "volumeMounts", "workingDir",
})  # fmt: skip
_VOLUMES = frozenset(
    {"configMap", "downwardAPI", "emptyDir", "ephemeral", "name", "persistentVolumeClaim", "projected", "secret"}
)
_VOLUME_POWERS = {"hostPath": Power.HOST_PATH, "csi": Power.CSI}
_PROJECTED = frozenset({"configMap", "downwardAPI", "secret", "serviceAccountToken"})
_SECURITY = frozenset({
    "allowPrivilegeEscalation", "fsGroup", "fsGroupChangePolicy", "readOnlyRootFilesystem", "runAsGroup",
    "runAsNonRoot", "runAsUser", "supplementalGroups", "supplementalGroupsPolicy",
})  # fmt: skip
_HARMLESS = ("NET_BIND_SERVICE",)
"""Capabilities that the restricted standard lets a container add."""
_EPHEMERAL = frozenset({"accessModes", "resources", "storageClassName", "volumeMode"})
"""What a pod may say of a volume that lives as long as it does: never whose data it begins with."""


def pod_complaints(template: Node, path: Path, allowed: Allowed, own: frozenset[Ref]) -> _Told:
    """What is refused of a pod's template. `own`: kind and name of the objects beside it."""
    for key in kept.orders(template, allowed):
        yield (*path, "metadata", "annotations", key), kept.ORDER, f"annotations: {key[:120]}"
    yield from spec_complaints(template["spec"], (*path, "spec"), allowed, own)


def spec_complaints(pod: Node, here: Path, allowed: Allowed, own: frozenset[Ref]) -> _Told:
    """What is refused of a pod's spec, wherever an object has one."""
    if not list(pod["containers"]):
        yield (*here, "containers"), "a pod has at least one container", ""
    yield from _fields(pod, here, _POD, _POD_POWERS, allowed)
    yield from _rights(pod, here, allowed)
    yield from _security(pod["securityContext"], (*here, "securityContext"), allowed)
    for key in ("initContainers", "containers"):
        for at, one in enumerate(pod[key]):
            yield from _container(one, (*here, key, at), allowed)
    for at, one in enumerate(pod["volumes"]):
        yield from _volume(one, (*here, "volumes", at), allowed, _account(pod))
    yield from _reads(pod, here, allowed, own)


def _fields(one: Node, path: Path, known: frozenset[str], powers: dict[str, Power], allowed: Allowed) -> _Told:
    for key, value in one.fields():
        power = powers.get(key)
        if power is not None and value.value not in (None, False) and power not in allowed.powers:
            yield (*path, key), f"it reaches beyond the pod ({power})", f"powers: {power}"
        elif power is None and key not in known and value.value is not None:
            yield (*path, key), "it is not known to be harmless", ""


def _rights(pod: Node, path: Path, allowed: Allowed) -> _Told:
    """A token of a service account is what the pod may do in the cluster."""
    account = _account(pod)
    if account not in ("default", *allowed.accounts):
        yield (*path, "serviceAccountName"), f"it acts as service account {account[:63]}", f"accounts: {account[:63]}"
    elif account not in allowed.accounts and pod["automountServiceAccountToken"].value not in (None, False):
        yield (*path, "automountServiceAccountToken"), "pods of a release have no token", "accounts: default"
    if pod["priorityClassName"].text().startswith("system-"):
        yield (*path, "priorityClassName"), "classes of the system are not for releases", ""


def _account(pod: Node) -> str:
    return pod["serviceAccountName"].text() or pod["serviceAccount"].text() or "default"


def _security(one: Node, path: Path, allowed: Allowed) -> _Told:
    """Of a pod or a container."""
    for key, value in one.fields():
        power = _security_power(key, value)
        if power is not None and power not in allowed.powers:
            yield (*path, key), f"it reaches beyond the pod ({power})", f"powers: {power}"


def _security_power(key: str, value: Node) -> Power | None:
    if key in _SECURITY or not value:
        return None
    match key:
        case "capabilities":
            added = [one.text() for one in value["add"]]
            return None if all(one in _HARMLESS for one in added) else Power.CAPABILITIES
        case "seccompProfile" | "appArmorProfile":
            return None if value["type"].text() == "RuntimeDefault" else Power.UNCONFINED
        case "sysctls":
            return Power.SYSCTLS
        case "procMount":
            return None if value.value == "Default" else Power.PRIVILEGED
    return Power.PRIVILEGED  # privileged, seLinuxOptions, windowsOptions, and what is not known


def _container(one: Node, path: Path, allowed: Allowed) -> _Told:
    yield from _fields(one, path, _CONTAINER, {"volumeDevices": Power.DEVICES}, allowed)
    yield from _security(one["securityContext"], (*path, "securityContext"), allowed)
    if not one["image"].text():
        yield (*path, "image"), "a container needs an image", ""
    for at, port in enumerate(one["ports"]):
        if (port["hostPort"] or port["hostIP"]) and Power.HOST_PORT not in allowed.powers:
            yield (*path, "ports", at), f"it takes a port of the node ({Power.HOST_PORT})", f"powers: {Power.HOST_PORT}"
    if one.at("resources", "claims") and Power.DEVICES not in allowed.powers:
        yield (*path, "resources", "claims"), f"it takes a device ({Power.DEVICES})", f"powers: {Power.DEVICES}"
    yield from _asked(one, path)


def _asked(one: Node, path: Path) -> _Told:
    """A probe of another host would be a request of the kubelet, past every network policy."""
    probes = [("livenessProbe",), ("readinessProbe",), ("startupProbe",), ("lifecycle", "preStop")]
    for where in (*probes, ("lifecycle", "postStart")):
        for kind in ("httpGet", "tcpSocket"):
            if one.at(*where, kind, "host"):
                yield (*path, *where, kind, "host"), "the kubelet would ask another host than the pod", ""


def _volume(one: Node, path: Path, allowed: Allowed, account: str) -> _Told:
    yield from _fields(one, path, _VOLUMES, _VOLUME_POWERS, allowed)
    claim = one.at("persistentVolumeClaim", "claimName").text()
    ref = f"PersistentVolumeClaim/{claim[:253]}"
    if claim and ref not in allowed.shared:
        yield (*path, "persistentVolumeClaim"), f"the data of {claim[:63]} is another's", f"shared: {ref}"
    for at, source in enumerate(one.at("projected", "sources")):
        where = (*path, "projected", "sources", at)
        if source["serviceAccountToken"].value is not None and account not in allowed.accounts:
            yield where, "pods of a release have no token", f"accounts: {account[:63]}"
        yield from _fields(source, where, _PROJECTED, {}, allowed)
    made = one.at("ephemeral", "volumeClaimTemplate")
    yield from _fields(made["spec"], (*path, "ephemeral", "volumeClaimTemplate", "spec"), _EPHEMERAL, {}, allowed)
    if made["metadata"]:
        yield (*path, "ephemeral", "volumeClaimTemplate", "metadata"), "it says nothing of a pod's own volume", ""


def _reads(pod: Node, path: Path, allowed: Allowed, own: frozenset[Ref]) -> _Told:
    """What is not among the rendered objects changes under a running release, and may be another's secret."""
    for where, (kind, name) in references(pod):
        ref = f"{kind}/{name[:253]}"
        if (kind, name) not in own and ref not in allowed.shared:
            yield (*path, *where), f"{kind} {name[:63]} is not among the release's objects", f"shared: {ref}"
