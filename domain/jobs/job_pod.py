"""The pod of a job: steps run one after the other in one container, services beside it, no egress by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.clusters import manifests, metadata
from domain.clusters.health import quantity
from domain.clusters.spec import reachable
from domain.core import addresses
from domain.core.addresses import METADATA
from domain.core.documents import Manifest, Node, Object
from domain.jobs.agent import CONTAINER, FOLDER, GIVEN, AgentPlace
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.job import Job

ROOT = "/sluiceway"
STEPS = "steps"
"""The container that runs the steps."""
KEY = "sluiceway.dev/job"
"""Label of everything that belongs to one job."""
HOME = "sluiceway.dev/home"
HOLDER = "sluiceway.dev/holder"
"""Annotation of the pod: which worker's folder has the job."""
PULLS = {"missing": "IfNotPresent", "always": "Always", "never": "Never"}
IDLE = ["/bin/sh", "-c", f"mkdir -p {ROOT}/workspace {ROOT}/home {ROOT}/tmp; : >{ROOT}/outputs; read forever"]  # noqa: S108
"""Keeps the container idle: its shell reads an input that never arrives."""
HOPELESS = frozenset(
    {"ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
)
"""Waiting reasons that do not resolve by themselves."""


@dataclass(frozen=True)
class PodRef:
    """Identifies a job's pod; enough to find it again."""

    cluster: str
    namespace: str
    name: str
    key: str
    home: str
    """Hash of the installation: two installations may share a cluster."""
    holder: str = ""
    """Who has the job now: the pod names it, and nobody else removes the pod. Empty: as earlier versions made it."""

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which the pod is found again."""
        return {KEY: self.key, HOME: self.home, "app.kubernetes.io/managed-by": "sluiceway"}


def pod(job: Job, place: PodRef, agent: AgentPlace | None = None) -> Manifest:
    """The pod, allowed by the restricted pod security standard, without an API token. `agent`: what runs its steps;
    None: they are executed through the API server.

    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    spec = job.container
    assert spec is not None
    user = {"runAsUser": spec.user, "runAsGroup": spec.user, "fsGroup": spec.user, "runAsNonRoot": True}
    containers = [_steps(job, spec, agent), *(_service(one, spec.pull, place.name) for one in spec.services)]
    made: Manifest = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1,
        "securityContext": {**user, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": containers,
        "volumes": [{"name": "job", "emptyDir": {}}, *_agent_volumes(agent, place)],
    }
    if agent:
        made["initContainers"] = [_installer(agent, spec.pull)]
    if spec.services:  # services share the pod's address, and are still reached by their names
        made["hostAliases"] = [{"ip": "127.0.0.1", "hostnames": [one.name for one in spec.services]}]
    return _object("v1", "Pod", place, {"spec": made})


def _steps(job: Job, spec: ContainerSpec, agent: AgentPlace | None) -> Manifest:
    idle: Manifest = {"command": IDLE, "stdin": True}
    runs: Manifest = {"command": [f"{FOLDER}/agent", "run", FOLDER]} if agent else idle
    return {
        "name": STEPS,
        "image": spec.image,
        "imagePullPolicy": PULLS[spec.pull],
        **runs,
        "workingDir": ROOT,
        "resources": _resources(job.cpu, job.memory_mb),
        "securityContext": _confined(),
        "volumeMounts": [{"name": "job", "mountPath": ROOT}, *([_AGENT] if agent else [])],
    }


_AGENT: Manifest = {"name": "agent", "mountPath": FOLDER}


def _agent_volumes(agent: AgentPlace | None, place: PodRef) -> list[Manifest]:
    if not agent:
        return []
    settings: Manifest = {"name": "settings", "secret": {"secretName": agent_name(place.name)}}
    return [{"name": "agent", "emptyDir": {}}, settings]


def _installer(agent: AgentPlace, pull: str) -> Manifest:
    """An init container puts the agent beside the job's image. Only this one has the settings: the agent removes its
    copy before the first step.
    """
    return {
        "name": CONTAINER,
        "image": agent.image,
        "imagePullPolicy": "Never" if pull == "never" else "IfNotPresent",
        "command": ["/agent", "install", GIVEN, FOLDER],
        "securityContext": _confined(),
        "volumeMounts": [_AGENT, {"name": "settings", "mountPath": GIVEN, "readOnly": True}],
    }


def agent_name(name: str) -> str:
    """Of the Secret with the agent's settings."""
    return f"{name}-agent"


def _service(one: ServiceSpec, pull: str, name: str) -> Manifest:
    given: list[Manifest] = [{"name": key, "value": value} for key, value in sorted(one.env.items())]
    given += [{"name": key, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}} for key in one.secrets]
    made: Manifest = {
        "name": f"service-{one.name}"[:63].rstrip("-"),
        "image": one.image,
        "imagePullPolicy": PULLS[pull],
        "env": given,
        "resources": _resources(0, one.memory_mb),
        "securityContext": _confined(),
    }
    if one.command:
        made["command"] = list(one.command)
    check: Manifest = {}
    if one.ready:
        check = {"exec": {"command": ["/bin/sh", "-c", one.ready]}}
    elif one.port:
        check = {"tcpSocket": {"port": one.port}}
    if check:
        made["readinessProbe"] = {**check, "periodSeconds": 1, "timeoutSeconds": 5}
    return made


def _confined() -> Manifest:
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def _resources(cpu: float, memory_mb: int) -> Manifest:
    limits = {"cpu": f"{cpu:g}"} if cpu else {}
    limits |= {"memory": f"{memory_mb}M"} if memory_mb else {}
    return {"limits": limits, "requests": limits} if limits else {}


def closed_of(nodes: Iterable[Object], opened: Iterable[str] = ()) -> list[str]:
    """The ranges that no pod of a job reaches: metadata, and the machines of its cluster, unless a range opens them."""
    ranges = [f"{address}/{128 if ':' in address else 32}" for one in nodes for address in _addresses(one)]
    wide = list(opened)
    return [*METADATA, *(one for one in ranges if not any(addresses.covers(each, one) for each in wide))]


def _addresses(node: Object) -> list[str]:
    found = Node(node).at("status", "addresses")
    return [one["address"].text() for one in found if one["type"].text() in ("InternalIP", "ExternalIP")]


def into(allow: Iterable[str], closed: Iterable[str]) -> str:
    """The first entry of `allow` that leads into a closed range, and nowhere else; empty: none does."""
    ranges = list(closed)
    for text in allow:
        cidr, _ = reachable(text)
        if any(addresses.covers(one, cidr) for one in ranges):
            return text
    return ""


def policy(
    spec: ContainerSpec, place: PodRef, closed: Sequence[str] = METADATA, agent: AgentPlace | None = None
) -> Manifest:
    """No ingress; egress to DNS (unless isolated), to what is allowed, but for what is closed, and to the job endpoint
    where there is an agent. Enforcing it is up to the network plugin.

    Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    out: list[Manifest] = [] if spec.isolated else [manifests.NAMES]
    out += [manifests.way_out(one, closed) for one in spec.allow]
    out += [agent.way()] if agent else []
    body: Manifest = {
        "podSelector": {"matchLabels": {KEY: place.key}},
        "policyTypes": ["Ingress", "Egress"],
        "egress": out,
    }
    return _object("networking.k8s.io/v1", "NetworkPolicy", place, {"spec": body})


def secret(values: Mapping[str, str], place: PodRef) -> Manifest:
    """The part of the job's secrets that services get."""
    return _object("v1", "Secret", place, {"stringData": dict(values)})


def agent_secret(settings: str, place: PodRef) -> Manifest:
    """The settings of the job's agent. It goes with the job; its token ends with it, too."""
    named = replace(place, name=agent_name(place.name))
    return _object("v1", "Secret", named, {"stringData": {"settings.json": settings}})


def _object(version: str, kind: str, place: PodRef, body: Object) -> Manifest:
    meta: Manifest = {"name": place.name, "namespace": place.namespace, "labels": place.labels}
    if place.holder:
        meta = {**meta, "annotations": {HOLDER: place.holder}}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **body}


@dataclass(frozen=True)
class Refusal:
    """Why a pod can never become ready."""

    why: str
    exited: str = ""
    """The container that has exited, whose log says more; empty: none."""


def refused(seen: Object, services: Iterable[str]) -> Refusal | None:
    """A container that exited or cannot start; None: the pod may still become ready."""
    status = Node(seen)["status"]
    for one in status["initContainerStatuses"]:
        if refusal := _refused_agent(one):
            return refusal
    for one in status["containerStatuses"]:
        container = one["name"].text()
        name, ended, waits = _named(container, services), one.at("state", "terminated"), one.at("state", "waiting")
        if ended:
            why = f"{name} exited with {ended['exitCode'].text('?')} ({ended['reason'].text()})"
            return Refusal(why, container)
        if (reason := waits["reason"].text()) in HOPELESS:
            return Refusal(f"{name} cannot start: {reason}: {waits['message'].text()[:300]}")
    if (phase := status["phase"].text()) in ("Failed", "Succeeded"):
        why = status["reason"].text() or phase
        return Refusal(f"the pod ended: {why} {status['message'].text()[:300]}".strip())
    return None


def _refused_agent(one: Node) -> Refusal | None:
    """Why the init container with the agent cannot do its part."""
    if ended := one.at("state", "terminated"):
        code = ended["exitCode"].whole()
        return Refusal(f"the job's agent could not be installed ({code})", CONTAINER) if code else None
    reason = one.at("state", "waiting")["reason"].text()
    if reason in HOPELESS:
        return Refusal(f"the image of the job's agent cannot be had: {reason}")
    return None


def _named(container: str, services: Iterable[str]) -> str:
    found = [name for name in services if f"service-{name}"[:63].rstrip("-") == container]
    return f"service {found[0]}" if found else "the job's container"


def waits_for(seen: Object, services: Sequence[str]) -> str:
    """The first container that is not ready; empty: all are."""
    ready = {one["name"].text() for one in Node(seen).at("status", "containerStatuses") if one["ready"]}
    for name in (STEPS, *(f"service-{one}"[:63].rstrip("-") for one in services)):
        if name not in ready:
            return _named(name, services)
    return ""


HARD = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "cpu", "memory", "pods")


def demand(job: Job) -> dict[str, float]:
    """What a job's pod requests in cores, bytes and pods, by quota name."""
    spec = job.container
    memory = job.memory_mb + sum(one.memory_mb for one in (spec.services if spec else ()))
    wants = {"cpu": job.cpu, "memory": memory * 1e6}
    named = {f"{kind}.{name}": value for kind in ("requests", "limits") for name, value in wants.items()}
    return {**wants, **named, "pods": 1.0}


def too_much(demanded: Mapping[str, float], quotas: Iterable[Object], *, now: bool = False) -> str:
    """Why a request does not fit a namespace's quotas: never, or with `now` beside current usage. Empty when it fits.

    `quotas`: API objects. Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
    """
    for one in quotas:
        said = Node(one)
        hard, used = said.at("status", "hard") or said.at("spec", "hard"), said.at("status", "used")
        for name in HARD:
            if name not in hard.object() or not demanded.get(name):
                continue
            limit, taken = quantity(hard[name].text()), quantity(used[name].text()) if now else 0.0
            if taken + demanded[name] > limit + 1e-9:
                what = f"{_amount(name, demanded[name])} requested"
                beside = f", {_amount(name, taken)} used" if now else ""
                return f"quota {metadata.name(one)} allows {_amount(name, limit)} of {name}: {what}{beside}"
    return ""


def _amount(name: str, value: float) -> str:
    return f"{value / 1e6:,.0f} MB" if name.endswith("memory") else f"{value:g}"
