"""The pod of a release: the source's, with its own configuration, a way to end without loss, and room between versions.

A pod ends for more reasons than a release (an eviction, an autoscaler), so what draining needs is part of each pod.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from domain.core.documents import Manifest, Node
from domain.core.values import Json
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import kept, naming
from domain.releases.kubernetes.pulls import add_pulls
from domain.releases.kubernetes.references import Names, renamed

PRE_STOP_S = 5
"""How long a pod that is to end still answers: its endpoint leaves the routers meanwhile."""
HOSTNAME = "kubernetes.io/hostname"
_SELECTED = (naming.RELEASE, naming.SERVICE, naming.ENVIRONMENT)


def pod_template(source: Node, deployment: Deployment, copies: Names, pulls: str = "") -> Manifest:
    """The template of a release's Deployment. `pulls`: name of the Secret that it pulls with."""
    allowed = deployment.spec.kubernetes.place.allowed.labels if deployment.spec.kubernetes else ()
    meta: Manifest = {"labels": {**kept.pod_labels(source, allowed), **naming.labels(deployment)}}
    if told := kept.annotations_of(source):
        meta["annotations"] = told
    spec = renamed(source["spec"], copies)
    add_pulls(spec, pulls)
    _prepare(spec, source.at("metadata", "labels").strings(), deployment)
    return {"metadata": meta, "spec": spec}


def hook_template(source: Node, deployment: Deployment, copies: Names, pulls: str = "") -> Manifest:
    """The template of a hook's Job; without the labels by which Services choose, which would send requests to it."""
    labels = {key: value for key, value in naming.labels(deployment).items() if key not in _SELECTED}
    spec = renamed(source["spec"], copies)
    add_pulls(spec, pulls)
    _no_token(spec)
    spec["restartPolicy"] = spec.get("restartPolicy") or "Never"
    spec["containers"] = [_filled(one, at == 0, deployment) for at, one in enumerate(Node(spec["containers"]))]
    return {"metadata": {"labels": labels}, "spec": spec}


def _prepare(spec: Manifest, own: Mapping[str, str], deployment: Deployment) -> None:
    main = main_container(Node(spec), deployment.service)
    containers = [_filled(one, at == main, deployment) for at, one in enumerate(Node(spec)["containers"])]
    spec["containers"] = [_ending(Node(one)) for one in containers]
    _no_token(spec)
    grace = PRE_STOP_S + math.ceil(deployment.spec.drain_s) + PRE_STOP_S
    if spec.get("terminationGracePeriodSeconds") is None:
        spec["terminationGracePeriodSeconds"] = grace
    spec["topologySpreadConstraints"] = _spread(Node(spec), own, deployment)
    if affinity := Node(spec)["affinity"]:
        spec["affinity"] = _affinity(affinity, own, deployment)


def _no_token(spec: Manifest) -> None:
    """Unless it is asked for: to a cluster, null is as much as true."""
    spec["automountServiceAccountToken"] = spec.get("automountServiceAccountToken") is True


def main_container(pod: Node, service: str) -> int:
    """The index of the container that the deploy block speaks of: the one named as the service, or the first."""
    named = [at for at, one in enumerate(pod["containers"]) if one["name"].text() == service]
    return named[0] if named else 0


def _filled(container: Node, is_main: bool, deployment: Deployment) -> Manifest:
    """The image, the variables and the secrets of the job, for the container that they are for."""
    made: Manifest = {**container.object()}
    if not is_main:
        return made
    if deployment.spec.image:
        made["image"] = deployment.spec.image
    given: dict[str, Json] = {name: {"name": name, "value": value} for name, value in sorted(deployment.env.items())}
    for name in sorted(deployment.secrets):
        ref = {"name": naming.env_name(deployment), "key": name}
        given[name] = {"name": name, "valueFrom": {"secretKeyRef": ref}}
    if given:
        known = [one.value for one in container["env"] if one["name"].text() not in given]
        made["env"] = [*known, *given.values()]
    return made


def _ending(container: Node) -> Manifest:
    """With a preStop of the kubelet's own, which needs no shell in the image, where the source has none."""
    made: Manifest = {**container.object()}
    if not container["lifecycle"]["preStop"]:
        stop = {"preStop": {"sleep": {"seconds": PRE_STOP_S}}}
        made["lifecycle"] = {**container["lifecycle"].object(), **stop}
    return made


def _spread(pod: Node, own: Mapping[str, str], deployment: Deployment) -> list[Json]:
    """The source's constraints, each version by itself; without any, the pods are spread over nodes where that goes."""
    found: list[Json] = [_apart(one, own, deployment) for one in pod["topologySpreadConstraints"]]
    evenly: Manifest = {"maxSkew": 1, "topologyKey": HOSTNAME, "whenUnsatisfiable": "ScheduleAnyway"}
    return found or [{**evenly, **_by_version(deployment)}]


def _affinity(affinity: Node, own: Mapping[str, str], deployment: Deployment) -> Manifest:
    made: Manifest = {**affinity.object()}
    for key in ("podAffinity", "podAntiAffinity"):
        if not affinity[key]:
            continue
        terms: Manifest = {**affinity[key].object()}
        required, preferred = (f"{word}DuringSchedulingIgnoredDuringExecution" for word in ("required", "preferred"))
        if affinity[key][required]:
            terms[required] = [_apart(one, own, deployment) for one in affinity[key][required]]
        if affinity[key][preferred]:
            terms[preferred] = [
                {**one.object(), "podAffinityTerm": _apart(one["podAffinityTerm"], own, deployment)}
                for one in affinity[key][preferred]
            ]
        made[key] = terms
    return made


def _apart(term: Node, own: Mapping[str, str], deployment: Deployment) -> Manifest:
    """A term about the service's own pods, by their new labels and for each version alone; others stay."""
    wanted = term.at("labelSelector", "matchLabels").strings()
    if not wanted or not wanted.items() <= own.items():
        return {**term.object()}
    return {**term.object(), **_by_version(deployment)}


def _by_version(deployment: Deployment) -> Manifest:
    """Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ (matchLabelKeys)"""
    return {
        "labelSelector": {"matchLabels": naming.of_service(deployment)},
        "matchLabelKeys": [naming.RELEASE],
    }
