"""Which rendered objects a release may not have, and why. Asked when a definition is linted, and again at the effect.

Closed: what is not known here is refused. An environment allows more by name (`Allowed`), never a commit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.core.documents import Node
from domain.core.values import Json
from domain.releases.kubernetes import beside_git, kept
from domain.releases.kubernetes.parts import HOOK, HOOKS, hooks_of
from domain.releases.kubernetes.place import Place
from domain.releases.kubernetes.pod_refusals import Complaint, pod_complaints, spec_complaints
from domain.releases.kubernetes.pods import metadata_of_others, pods
from domain.releases.kubernetes.references import CONFIG, SECRET, Path, Ref

MAX_OBJECTS = 100
MAX_BYTES = 1 << 20
"""Of one object as JSON; etcd takes no more by default."""
MAX_DEPTH = 32
MAX_TOLD = 50
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,198}[a-z0-9])?", re.ASCII)
_WORKLOAD, _JOB, _SERVICE = "apps/v1/Deployment", "batch/v1/Job", "v1/Service"
_SCALER, _BUDGET = "autoscaling/v2/HorizontalPodAutoscaler", "policy/v1/PodDisruptionBudget"
_CONFIG = (f"v1/{CONFIG}", f"v1/{SECRET}")
KINDS = (_WORKLOAD, _JOB, _SERVICE, _SCALER, _BUDGET, *_CONFIG)
"""What every release may have."""
_ONCE = (_SCALER, _BUDGET)
_RIGHTS = "rights are given by those who look after a cluster"
_ROUTE = "the route is the environment's, which moves it from version to version"
_VERSION = "only a Deployment can stand beside an earlier version of itself"
_DATA = "data outlives a release; make it once, beside the releases"
_WHY = {
    "ClusterRole": _RIGHTS, "ClusterRoleBinding": _RIGHTS, "Role": _RIGHTS, "RoleBinding": _RIGHTS,
    "ServiceAccount": _RIGHTS, "Ingress": _ROUTE, "HTTPRoute": _ROUTE, "GRPCRoute": _ROUTE, "Gateway": _ROUTE,
    "VirtualService": _ROUTE, "DestinationRule": _ROUTE, "StatefulSet": _VERSION, "DaemonSet": _VERSION,
    "ReplicaSet": _VERSION, "Pod": _VERSION, "CronJob": _VERSION, "PersistentVolumeClaim": _DATA,
}  # fmt: skip
"""Kinds that no environment can allow, and why."""
_CONVERTED = {"argoproj.io/v1alpha1/Rollout": "rollouts", "flagger.app/v1beta1/Canary": "flagger"}
"""Kinds of other tools that release, and what converts them."""
_NEVER = {
    "Namespace", "Node", "PersistentVolume", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding",
    "APIService", "StorageClass", "PriorityClass", "RuntimeClass", "IngressClass", "GatewayClass", "CSIDriver",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "CertificateSigningRequest", "VolumeAttachment", "FlowSchema",
}  # fmt: skip
"""Of no namespace: their owner, the release's root, could not be of one."""
_TOKENS = ("kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token")
_SYSTEM = ("kubernetes.io", "k8s.io")


@dataclass(frozen=True)
class Refusal:
    """Why an object is refused."""

    index: int
    """Of the object; -1: of all of them together."""
    path: Path
    """Of the field within it."""
    reason: str
    allow: str = ""
    """What the environment would have to allow, such as `powers: host-path`; empty: nothing helps."""
    name: str = ""
    """`Deployment shop`."""

    def words(self) -> str:
        """For people, without a file."""
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path).removeprefix(".")
        return ": ".join(word for word in (self.name, field, self.reason) if word)


def to_allow(refused: Sequence[Refusal]) -> str:
    """What an environment would say under `allow` to let all of it pass, as YAML in a line; empty: nothing helps."""
    wanted: dict[str, dict[str, None]] = {}
    for word, _, value in (one.allow.partition(": ") for one in refused if one.allow):
        wanted.setdefault(word, {})[value] = None
    return ", ".join(f"{word}: [{', '.join(values)}]" for word, values in wanted.items())


_Told: TypeAlias = Iterator[Complaint]


def refusals(objects: Sequence[Json], place: Place) -> tuple[Refusal, ...]:
    """Everything that keeps these objects from being a release to this place; at most `MAX_TOLD`."""
    if len(objects) > MAX_OBJECTS:
        return (Refusal(-1, (), f"there are {len(objects):,} objects; a release has at most {MAX_OBJECTS}"),)
    found: list[Refusal] = []
    own = frozenset(_ref(Node(one)) for one in objects)
    for at, one in enumerate(objects):
        said, size = Node(one), _size(one)
        whole = [((), size, "")] if size else list(_of_object(said, place, own))
        name = f"{said['kind'].text()[:63]} {said.at('metadata', 'name').text()[:63]}".strip()
        found += [Refusal(at, path, reason, allow, name) for path, reason, allow in whole]
    return tuple((found or list(_of_all(objects)))[:MAX_TOLD])


def _ref(one: Node) -> Ref:
    return one["kind"].text(), one.at("metadata", "name").text()


def kind_of(one: Node) -> str:
    """`apps/v1/Deployment`."""
    return f"{one['apiVersion'].text()}/{one['kind'].text()}"


def _of_all(objects: Sequence[Json]) -> Iterator[Refusal]:
    """What only all of them together show."""
    kinds = [kind_of(Node(one)) for one in objects]
    if (number := kinds.count(_WORKLOAD)) != 1:
        reason = f"a release is one Deployment, and there are {number}; another one is a service of its own"
        yield Refusal(-1, (), reason)
    for kind in _ONCE:
        if kinds.count(kind) > 1:
            yield Refusal(-1, (), f"there are {kinds.count(kind)} objects of {kind}; a release has one")
    named = Counter((kind, Node(one).at("metadata", "name").text()) for kind, one in zip(kinds, objects, strict=True))
    yield from (Refusal(-1, (), f"{kind} {name} is there {n} times") for (kind, name), n in named.items() if n > 1)
    jobs = [one for one, kind in zip(objects, kinds, strict=True) if kind == _JOB]
    hooks = Counter(hook for one in jobs for hook in hooks_of(Node(one).object()))
    yield from (Refusal(-1, (), f"{n} Jobs are the hook {hook}; it has one") for hook, n in hooks.items() if n > 1)


def _of_object(one: Node, place: Place, own: frozenset[Ref]) -> _Told:
    kind = kind_of(one)
    if not one.object():
        yield (), "it is not an object of Kubernetes", ""
        return
    if kind not in KINDS:
        yield from _of_kind(one, kind, place)
    yield from _of_metadata(one, place)
    match kind:
        case "apps/v1/Deployment":
            if place.beside_git and beside_git.is_applied_with_pods(one):
                yield ("spec", "replicas"), beside_git.REASON, ""
            yield from pod_complaints(one.at("spec", "template"), ("spec", "template"), place.allowed, own)
        case "batch/v1/Job":
            yield from _of_job(one)
            yield from pod_complaints(one.at("spec", "template"), ("spec", "template"), place.allowed, own)
        case _ if kind not in KINDS:
            yield from _of_pods(one, place, own)
        case "v1/Service":
            yield from _of_service(one)
        case "v1/Secret":
            if one["type"].text() in _TOKENS:
                yield ("type",), "it would be a token of a service account, or of the cluster", ""
        case "autoscaling/v2/HorizontalPodAutoscaler":
            yield from _of_target(one, own)


def _of_kind(one: Node, kind: str, place: Place) -> _Told:
    word = one["kind"].text()
    if word in _NEVER:
        yield ("kind",), f"a {word} belongs to no namespace, and a release to one", ""
    elif word in _WHY:
        yield ("kind",), f"a release has no {word}: {_WHY[word]}", ""
    elif tool := _CONVERTED.get(kind):
        yield ("kind",), f"a release has no {word}: `sluiceway import {tool} FILE` makes a deploy job of it", ""
    elif kind not in place.allowed.kinds:
        same = next((known for known in KINDS if known.endswith(f"/{word}")), "")
        reason = f": write apiVersion {same.rpartition('/')[0]}" if same else ""
        yield ("kind",), f"a release has no {kind[:120]}{reason}", "" if same else f"kinds: {kind}"


def _of_pods(one: Node, place: Place, own: frozenset[Ref]) -> _Told:
    """To allow a kind that makes pods allows no pod that a Deployment could not have."""
    for path, pod in pods(one):
        yield from spec_complaints(pod, path, place.allowed, own)
    for path, meta in metadata_of_others(one):
        for key in meta["labels"].object():
            if kept.is_below(key, (kept.OURS,)):
                yield (*path, "labels", key), "it is a label of releases, and set by them alone", ""
        for key in kept.orders(Node({"metadata": meta.value}), place.allowed):
            yield (*path, "annotations", key), kept.ORDER, f"annotations: {key[:120]}"


def _of_metadata(one: Node, place: Place) -> _Told:
    meta = one["metadata"]
    name, space = meta["name"], meta["namespace"]
    if not isinstance(name.value, str) or not _NAME.fullmatch(name.value):
        yield ("metadata", "name"), "it needs a name of at most 200 lower-case letters, digits, - and .", ""
    if space.value not in (None, "", place.namespace) and place.namespace:
        yield ("metadata", "namespace"), f"the namespace of this environment is {place.namespace}", ""
    for key in ("finalizers", "ownerReferences", "generateName"):
        if meta[key]:
            yield ("metadata", key), "an object of a release has one owner, the release, and ends with it", ""
    for key, value in meta["labels"].fields():
        if not isinstance(value.value, str):
            yield ("metadata", "labels", key), "a label is a text; quote it", ""
        elif kept.is_below(key, _SYSTEM) and not kept.is_below(key, ("app.kubernetes.io",)):
            yield ("metadata", "labels", key), "labels of Kubernetes itself are not for a release to set", ""
    for key in (*meta["labels"].object(), *meta["annotations"].object()):
        if kept.is_below(key, (kept.OURS,)) and key != HOOK:
            yield ("metadata",), f"{key[:120]} is a label of releases, and set by them alone", ""
    for key in kept.orders(one, place.allowed):
        yield ("metadata", "annotations", key), kept.ORDER, f"annotations: {key[:120]}"


def _of_job(one: Node) -> _Told:
    told = one.at("metadata", "annotations", HOOK)
    if told and told.text() not in HOOKS:
        yield ("metadata", "annotations", HOOK), f"a hook is one of {', '.join(HOOKS)}", ""
    elif not hooks_of(one.object()):
        yield ("kind",), f"a Job runs as a hook; say which: {HOOK}: {' | '.join(HOOKS)}", ""


def _of_service(one: Node) -> _Told:
    spec = one["spec"]
    if spec["type"].value not in (None, "", "ClusterIP"):
        yield ("spec", "type"), f"a release's Service is reached through its route; not as {_short(spec['type'])}", ""
    for key in ("externalIPs", "externalName", "loadBalancerIP", "healthCheckNodePort"):
        if spec[key]:
            yield ("spec", key), "a release's Service is reached through its route", ""
    for at, port in enumerate(spec["ports"]):
        if port["nodePort"]:
            yield ("spec", "ports", at, "nodePort"), "a release's Service is reached through its route", ""


def _of_target(one: Node, own: frozenset[Ref]) -> _Told:
    target = one.at("spec", "scaleTargetRef")
    if (target["kind"].text(), target["name"].text()) not in own or target["kind"].text() != "Deployment":
        yield ("spec", "scaleTargetRef"), "it scales something else than the release's own Deployment", ""


def _short(one: Node) -> str:
    return one.text("something else")[:40]


def _size(one: Json) -> str:
    """Why an object is too large or too deep to be looked at; empty: it is not."""
    left, todo = MAX_BYTES, [(one, 0)]
    while todo:
        value, depth = todo.pop()
        if depth > MAX_DEPTH:
            return f"it is nested more than {MAX_DEPTH} deep"
        match value:
            case dict():
                left -= sum(len(str(key)) for key in value)
                todo += [(each, depth + 1) for each in value.values()]
            case list() | tuple():
                todo += [(each, depth + 1) for each in value]
            case str():
                left -= len(value)
        left -= 1
        if left < 0:
            return f"it is larger than {MAX_BYTES:,} bytes"
    return ""
