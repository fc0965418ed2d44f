"""The objects of one release, made of what its source renders: named, labelled and owned as nothing else is.

Metadata, selectors and Services are made here, never taken over: what a source says of finalizers, owners or node ports
reaches no cluster, even where nobody refused it (`refusals`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.clusters import metadata
from domain.core.digests import sha256
from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json
from domain.releases import registries
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import kept, naming
from domain.releases.kubernetes.parts import Parts
from domain.releases.kubernetes.place import KubernetesSpec
from domain.releases.kubernetes.pulls import pulling
from domain.releases.kubernetes.references import CONFIG, SECRET, Names
from domain.releases.kubernetes.template import hook_template, pod_template
from domain.releases.registries import Login

PORT_NAME = "http"


@dataclass(frozen=True, kw_only=True)
class ReleaseObjects:
    """What a release applies. `root` comes first, and owns all else: deleting it leaves nothing."""

    root: Object
    config: tuple[Object, ...]
    """Immutable copies of the ConfigMaps and Secrets."""
    service: Object
    workload: Object
    budget: Object
    autoscaler: Object | None = None
    others: tuple[Object, ...] = ()
    """Of kinds that the environment allows by name."""
    hooks: Mapping[str, Object]
    """Jobs by their hook: expand, before, after, contract. Each is applied when its time comes."""

    def standing(self) -> tuple[Object, ...]:
        """All but the root and the Jobs of hooks, in the order in which they are applied."""
        scaled = (self.autoscaler,) if self.autoscaler is not None else ()
        return (*self.config, *self.others, self.service, self.budget, self.workload, *scaled)

    def every(self) -> tuple[Object, ...]:
        """Root, standing objects and hooks."""
        return (self.root, *self.standing(), *(self.hooks[name] for name in sorted(self.hooks)))


def release_objects(deployment: Deployment, rendered: Sequence[Object], run: str = "") -> ReleaseObjects:
    """The objects of a release. `rendered`: what its source gave. `run`: the workflow id that the root names.

    Raises:
        ValueError: there is not exactly one Deployment; `refusals` says it with a place.
    """
    parts = Parts.of(rendered)
    copies = parts.copies(deployment)
    pulls = pulling(deployment, rendered)
    workload = _workload(parts, deployment, copies, pulls)
    autoscaler = _autoscaler(parts, deployment)
    if autoscaler is not None or parts.scales_itself:
        _drop_replicas(workload)
    hooks = {hook: _hook(hook, one, deployment, copies, pulls) for hook, one in parts.hooks.items()}
    standing = {
        "config": tuple(_copy(one, deployment, copies) for one in parts.config),
        "others": tuple(_other(one, deployment) for one in parts.others),
    }
    made = ReleaseObjects(
        root={},
        service=_stated(_service(parts, deployment)),
        workload=_stated(workload),
        budget=_stated(_budget(parts, deployment)),
        autoscaler=None if autoscaler is None else _stated(autoscaler),
        hooks={name: _stated(one) for name, one in hooks.items()},
        config=tuple(map(_stated, standing["config"])),
        others=tuple(map(_stated, standing["others"])),
    )
    return _rooted(made, deployment, run)


def owned(one: Object, root: str, uid: str) -> Object:
    """The object with its root as owner, so that the cluster removes it with the root. `uid`: of the root."""
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": root, "uid": uid}
    return {**one, "metadata": {**Node(one)["metadata"].object(), "ownerReferences": [owner]}}


def env_secret(deployment: Deployment, values: Mapping[str, str]) -> Object:
    """The Secret with the values of the job's secrets, by the variables that the pods have them as."""
    made = _object("v1", SECRET, naming.env_name(deployment), deployment)
    return {**made, "type": "Opaque", "immutable": True, "stringData": dict(sorted(values.items()))}


def pull_secret(deployment: Deployment, logins: Sequence[Login], values: Mapping[str, str]) -> Object:
    """The Secret that its pods pull with; not immutable, since a login may be renewed while they run."""
    made = _object("v1", SECRET, naming.pull_name(deployment), deployment)
    content = base64.b64encode(registries.docker_config(logins, values).encode()).decode()
    return {**made, "type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": content}}


def digest_of(one: Object) -> str:
    """Of an object as it was applied, without the annotation that says it."""
    return sha256(json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def _rooted(made: ReleaseObjects, deployment: Deployment, run: str) -> ReleaseObjects:
    spec = deployment.spec.kubernetes
    listed = [
        f"{Node(one)['apiVersion'].text()} {Node(one)['kind'].text()} {metadata.name(one)}" for one in made.every()[1:]
    ]
    data = {
        "rendered": spec.rendered if spec else "",
        "run": run,
        "repository": deployment.source.repo,
        "commit": deployment.source.commit,
        "version": deployment.spec.version,
        "objects": "\n".join(sorted(listed)),
    }
    root: Manifest = {**_object("v1", CONFIG, naming.object_name(deployment), deployment), "data": data}
    return ReleaseObjects(**{**vars(made), "root": _stated(root)})


def _stated(one: Manifest) -> Object:
    return metadata.marked(one, annotations={naming.STATE: digest_of(one)})


def _kind(one: Object) -> str:
    return f"{Node(one)['apiVersion'].text()} {Node(one)['kind'].text()}"


def _object(version: str, kind: str, name: str, deployment: Deployment, source: Node | None = None) -> Manifest:
    """An empty object of the release; labels and annotations of the source stay, the release's come over them."""
    space = deployment.spec.kubernetes.place.namespace if deployment.spec.kubernetes else ""
    meta: Manifest = {"name": name, "namespace": space} if space else {"name": name}
    meta["labels"] = {**(kept.labels_of(source) if source else {}), **naming.labels(deployment)}
    meta["annotations"] = {**(kept.annotations_of(source) if source else {}), **kept.BESIDE_OTHERS}
    return {"apiVersion": version, "kind": kind, "metadata": meta}


def _workload(parts: Parts, deployment: Deployment, copies: Names, pulls: str) -> Manifest:
    source = Node(parts.workload)
    spec = source["spec"]
    name = naming.object_name(deployment)
    template = pod_template(spec["template"], deployment, copies, pulls)
    made: Manifest = {
        "replicas": spec["replicas"].whole(deployment.spec.instances),
        "selector": {"matchLabels": naming.selector(deployment)},
        "template": template,
        "revisionHistoryLimit": 0,  # a release is one revision, for good
        "progressDeadlineSeconds": max(1, int(deployment.spec.readiness.timeout_s)),
    }
    if spec["minReadySeconds"]:
        made["minReadySeconds"] = spec["minReadySeconds"].whole()
    return {**_object("apps/v1", "Deployment", name, deployment, source), "spec": made}


def _drop_replicas(workload: Manifest) -> None:
    """An autoscaler owns the number: applied with one, each apply would set it back."""
    workload["spec"] = {key: value for key, value in Node(workload)["spec"].object().items() if key != "replicas"}


def _service(parts: Parts, deployment: Deployment) -> Manifest:
    """Listens on the deploy block's port, whatever the source's own Service does: routers need to know no other."""
    target, protocol = parts.target_port(deployment.spec.port)
    port: Manifest = {"name": PORT_NAME, "port": deployment.spec.port, "targetPort": target}
    if protocol:
        port["appProtocol"] = protocol
    made = _object("v1", "Service", naming.object_name(deployment), deployment)
    return {**made, "spec": {"selector": naming.selector(deployment), "ports": [port]}}


def _budget(parts: Parts, deployment: Deployment) -> Manifest:
    own = _given(Node(parts.budget)["spec"], "minAvailable", "maxUnavailable")
    limits = own or {"maxUnavailable": _disruption(deployment)}
    spec: Manifest = {**limits, "selector": {"matchLabels": naming.selector(deployment)}}
    return {**_object("policy/v1", "PodDisruptionBudget", naming.object_name(deployment), deployment), "spec": spec}


def _disruption(deployment: Deployment) -> int | str:
    told = deployment.spec.kubernetes.disruption if deployment.spec.kubernetes else KubernetesSpec().disruption
    return int(told) if told.isdecimal() else told


def _autoscaler(parts: Parts, deployment: Deployment) -> Manifest | None:
    if parts.autoscaler is None:
        return None
    name = naming.object_name(deployment)
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    spec: Manifest = {**Node(parts.autoscaler)["spec"].object(), "scaleTargetRef": target}
    made = _object("autoscaling/v2", "HorizontalPodAutoscaler", name, deployment, Node(parts.autoscaler))
    return {**made, "spec": spec}


def _copy(one: Object, deployment: Deployment, copies: Names) -> Manifest:
    said = Node(one)
    kind = said["kind"].text()
    made = _object("v1", kind, copies[kind, metadata.name(one)], deployment, said)
    return {**made, **_given(said, "data", "binaryData", "stringData", "type"), "immutable": True}


def _given(said: Node, *keys: str) -> Manifest:
    return {key: said[key].value for key in keys if said[key].value is not None}


def _other(one: Object, deployment: Deployment) -> Manifest:
    """An object of a kind that only the environment knows: its name, and what it scales, are the release's."""
    said = Node(one)
    name = naming.copy_name(metadata.name(one), deployment)
    made = _object(said["apiVersion"].text(), said["kind"].text(), name, deployment, said)
    rest: dict[str, Json] = {key: value for key, value in one.items() if key not in (*made, "status")}
    if scaled := said.at("spec", "scaleTargetRef"):
        target = {**scaled.object(), "name": naming.object_name(deployment)}
        rest["spec"] = {**said["spec"].object(), "scaleTargetRef": target}
    return {**made, **rest}


def _hook(hook: str, one: Object, deployment: Deployment, copies: Names, pulls: str) -> Manifest:
    said = Node(one)["spec"]
    spec = _given(said, "activeDeadlineSeconds", "backoffLimit", "completions", "parallelism", "podFailurePolicy")
    spec["template"] = hook_template(said["template"], deployment, copies, pulls)
    return {**_object("batch/v1", "Job", naming.hook_name(deployment, hook), deployment), "spec": spec}
