"""What a request meets in a cluster that was made elsewhere: which objects of others it changes, and why it cannot.

The cluster's own tools go on; a request sets single fields of the one object that has them, or adds an object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.clusters import manifests, metadata
from domain.clusters.health import quantity
from domain.clusters.manifests import OURS
from domain.clusters.request_marks import MOST, Change, alike, fields_of, marks_of
from domain.clusters.requests import AT, ClusterRequest, RequestKind, home_of
from domain.clusters.spec import Quota
from domain.core.documents import Manifest, Node, Object

NAME = "sluiceway-requests"
"""Of the quota and the limits that are added where a namespace has none."""
LABEL = "sluiceway.dev/request"
"""Of an exception's policy: its request's number; as an annotation the request with its home (`requests.at_home`)."""
HOME = "sluiceway.dev/home"
"""Label: the installation whose request it is."""
POLICIES = ("networking.k8s.io/v1", "NetworkPolicy")
OBJECTS = {
    RequestKind.QUOTA: ("v1", "ResourceQuota"),
    RequestKind.LIMITS: ("v1", "LimitRange"),
    RequestKind.EXCEPTION: POLICIES,
}
VERBS = {
    RequestKind.QUOTA: ("list", "create", "patch", "delete"),
    RequestKind.LIMITS: ("list", "create", "patch", "delete"),
    RequestKind.EXCEPTION: ("list", "create", "delete"),
}
"""What the credential has to be allowed, so that a request can also be taken back."""
HARD = {
    "cpu": (("requests.cpu", "cpu"), 1.0, ""),
    "memory_mb": (("requests.memory", "memory"), 2.0**20, "Mi"),
    "storage_gb": (("requests.storage",), 2.0**30, "Gi"),
    "pods": (("pods", "count/pods"), 1.0, ""),
    "claims": (("persistentvolumeclaims", "count/persistentvolumeclaims"), 1.0, ""),
}
"""Fields of `Quota`: their names in a ResourceQuota, the first where none has it; how many make one; the suffix."""
OF_CONTAINERS = {"container_cpu": ("cpu", 1.0, ""), "container_memory_mb": ("memory", 2.0**20, "Mi")}
MANAGERS = {
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "argocd.argoproj.io/instance": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
    "meta.helm.sh/release-name": "Helm",
}
"""Labels and annotations to who sets an object back to what it was."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A namespace of a registered cluster, as its API tells it."""

    exists: bool = True
    """True also where it may not be asked."""
    objects: tuple[Object, ...] = ()
    """Of the kind that a request is about, all of the namespace."""
    denied: tuple[str, ...] = ()
    """What the credential may not do there, a sentence each."""
    trouble: str = ""
    """Why it cannot be asked; empty: it was."""
    at: float = 0
    """When it was told, in Unix seconds."""


@dataclass(frozen=True)
class Edit:
    """Fields of one object. `object` None: it is added."""

    object: Object | None
    fields: dict[str, Change]


def bound(ground: Ground, asked: ClusterRequest) -> ClusterRequest:
    """With what it replaces there, and without what it would leave as it is."""
    if asked.kind is RequestKind.EXCEPTION:
        return replace(asked, values={}, before={})
    now = {name: _now(ground, asked, name) for name in asked.values}
    changed = {name: float(value) for name, value in asked.values.items() if value != now[name]}
    return replace(asked, values=changed, before={name: now[name] for name in changed}, allow_from=(), allow_to=())


def _now(ground: Ground, asked: ClusterRequest, name: str) -> float:
    """0: nothing limits it."""
    holder, key = _holder(ground, asked, name)
    text = fields_of(holder).get(key, "") if holder is not None else ""
    return round(quantity(text) / _unit(name)[0], 6)


def _unit(name: str) -> tuple[float, str]:
    _, per, suffix = HARD[name] if name in HARD else OF_CONTAINERS[name]
    return per, suffix


def _keys(name: str) -> tuple[str, ...]:
    return HARD[name][0] if name in HARD else (f"max.{OF_CONTAINERS[name][0]}",)


def _holders(ground: Ground, name: str) -> list[tuple[Object, str]]:
    """Objects that limit it, each with the key. A quota for some pods only (scopes) is none."""
    whole = [
        one for one in ground.objects if not (Node(one).at("spec", "scopes") or Node(one).at("spec", "scopeSelector"))
    ]
    return [(one, key) for one in whole for key in _keys(name) if key in fields_of(one)]


def _holder(ground: Ground, asked: ClusterRequest, name: str) -> tuple[Object | None, str]:
    """The one that limits it, else the one that is added here for what nobody limits; None: it is to be added."""
    found = _holders(ground, name)
    if found:
        return found[0]
    own = next((one for one in ground.objects if metadata.name(one) == NAME), None)
    return own, _keys(name)[0]


def refusals(cluster: str, ground: Ground, asked: ClusterRequest) -> Iterator[str]:
    """Why it cannot be done there, whoever agrees."""
    if ground.trouble:
        yield f"{cluster} cannot be asked what it has: {ground.trouble}"
        return
    yield from ground.denied
    if not ground.exists:
        yield f"there is no namespace {asked.namespace} in {cluster}"
    elif asked.namespace.startswith("kube-"):
        yield f"{asked.namespace} is the cluster's own: change it with the tool that made the cluster"
    elif ground.denied:
        return
    elif asked.kind is RequestKind.EXCEPTION:
        yield from _not_closed(ground, asked)
    else:
        yield from _not_changed(ground, asked)


def _not_changed(ground: Ground, asked: ClusterRequest) -> Iterator[str]:
    if not bound(ground, asked).values:
        yield f"{asked.namespace} has these limits already"
    for name, value in asked.values.items():
        holders = _holders(ground, name)
        if len(holders) > 1:
            named = ", ".join(sorted({metadata.name(one) for one, _ in holders})[:5])
            yield f"{len(holders)} objects of {asked.namespace} limit {name} ({named}): change them with their own tool"
        elif holders and len(marks_of(holders[0][0])) >= MOST:
            yield f"{metadata.name(holders[0][0])} remembers {MOST} requests already: end some of them first"
        elif not value:
            yield f"{name} is limited by who made the cluster: a request may change the limit, and not remove it"
        elif asked.kind is RequestKind.LIMITS and holders and _least(holders[0][0], name) > value * _unit(name)[0]:
            yield f"{name} would be below the minimum that {metadata.name(holders[0][0])} says"


def _least(one: Object, name: str) -> float:
    return quantity(fields_of(one).get(f"min.{OF_CONTAINERS[name][0]}", "0"))


def _not_closed(ground: Ground, asked: ClusterRequest) -> Iterator[str]:
    """An added policy closes what it does not name where nothing closed it before: so there has to be one that does."""
    for way, wanted in (("Ingress", asked.allow_from), ("Egress", asked.allow_to)):
        if wanted and not any(_closes(one, way) for one in ground.objects):
            words = "reached by everybody" if way == "Ingress" else "free to reach everything"
            yield (
                f"no policy of {asked.namespace} is for all of its pods: what is {words} would be closed by an"
                f" exception, not opened"
            )
    if asked.namespace in asked.allow_from:
        yield f"an exception is for other namespaces: pods of {asked.namespace} are in it"


def _closes(one: Object, way: str) -> bool:
    """Whether a policy of somebody else isolates all pods of its namespace in this direction."""
    spec = Node(one)["spec"]
    ours = LABEL in metadata.labels(one)
    return not ours and not spec["podSelector"] and way in (spec["policyTypes"].texts() or ["Ingress"])


def managed(ground: Ground, asked: ClusterRequest) -> Iterator[tuple[Object, str]]:
    """Objects that would be changed and that a tool sets back: each with that tool."""
    if asked.kind is RequestKind.EXCEPTION or ground.trouble:
        return
    for edit in edits(ground, asked):
        if edit.object is not None:
            said = {**metadata.labels(edit.object), **metadata.annotations(edit.object)}
            tool = next((tool for key, tool in MANAGERS.items() if key in said), "")
            if tool:
                yield edit.object, tool


def edits(ground: Ground, asked: ClusterRequest) -> list[Edit]:
    """What is done to quotas and limits: one for each object."""
    made: list[Edit] = []
    for name, value in asked.values.items():
        holder, key = _holder(ground, asked, name)
        edit = next((one for one in made if one.object is holder), None)
        if edit is None:
            edit = Edit(holder, {})
            made.append(edit)
        edit.fields.update(_changes(holder, asked, name, key, value))
    return made


def _changes(
    holder: Object | None, asked: ClusterRequest, name: str, key: str, value: float
) -> Iterator[tuple[str, Change]]:
    per, suffix = _unit(name)
    text = f"{value:g}" if per == 1.0 and value != int(value) else f"{int(value)}{suffix}"
    has = fields_of(holder) if holder is not None else {}
    yield key, Change(has.get(key, ""), text)
    if asked.kind is RequestKind.QUOTA:
        return
    resource = key.removeprefix("max.")
    for word in ("default", "defaultRequest"):  # neither may be above what a container may have
        before = has.get(f"{word}.{resource}", "")
        follows = word == "default" and (not before or alike(before, has.get(key, "")))
        if follows or quantity(before or "0") > quantity(text):
            yield f"{word}.{resource}", Change(before, text)


def added(asked: ClusterRequest) -> Manifest:
    """The object that holds what nobody limits, without anything yet."""
    version, kind = OBJECTS[asked.kind]
    spec: Manifest = {"hard": {}} if asked.kind is RequestKind.QUOTA else {"limits": []}
    meta: Manifest = {"name": NAME, "namespace": asked.namespace, "labels": OURS}
    return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec}


def policy_name(by: str) -> str:
    """Of the policy of an exception. `by`: the request with its home."""
    return f"sluiceway-request-{home_of(by)[:8]}-{number_of(by)}"


def number_of(by: str) -> str:
    """Of a request with its home."""
    return by.partition(AT)[0].rpartition("/")[2]


def policy(by: str, asked: ClusterRequest) -> Manifest:
    """What an exception adds: policies of a namespace open together what each of them opens. `by` as `policy_name`."""
    whole = manifests.allowed(
        Quota(asked.namespace, allow_from=asked.allow_from, allow_to=asked.allow_to),
    )
    spec = Node(whole)["spec"]
    ways: Manifest = {"podSelector": {}, "policyTypes": []}
    types = []
    if asked.allow_from:
        types.append("Ingress")
        ways = {**ways, "ingress": [{"from": [one.object() for one in spec["ingress"].first()["from"]][1:]}]}
    if asked.allow_to:
        types.append("Egress")
        ways = {**ways, "egress": [one.object() for one in spec["egress"]][1:]}
    labels: Manifest = {**OURS, LABEL: number_of(by), HOME: home_of(by)}
    meta: Manifest = {
        "name": policy_name(by),
        "namespace": asked.namespace,
        "labels": labels,
        "annotations": {LABEL: by},
    }
    return {"apiVersion": POLICIES[0], "kind": POLICIES[1], "metadata": meta, "spec": {**ways, "policyTypes": types}}


def moved(ground: Ground, asked: ClusterRequest) -> str:
    """Why it is not what people agreed to any more: a limit was changed since; empty: it is."""
    changed = [name for name, was in asked.before.items() if _now(ground, asked, name) != was]
    return f"{', '.join(changed)} of {asked.namespace} was changed since it was asked: ask again" if changed else ""
