"""What stands in the live objects of a release, decides what runs there, and was named by no release.

A sidecar, a variable or a volume that somebody adds changes no field that a release has applied, and no apply takes it
away. It is found by comparing values, since a manager's name is anybody's to choose; `managedFields` say who it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.values import Json
from domain.releases.kubernetes import defaults, scaling
from domain.releases.kubernetes.drift import DEEPEST, MOST, Path, differing, paths

Step = str | Node
"""A field by its name, or an element of a list."""
RESTARTED = "kubectl.kubernetes.io/restartedAt"
"""Annotation of `kubectl rollout restart`: the same pods once more."""
_PROGRAM = ("image", "command", "args", "env", "envFrom")
_EMPTY: tuple[Json, ...] = (None, "", {}, [])
_LONGEST = 200


@dataclass(frozen=True)
class _Known:
    """What is no addition though nobody has named it."""

    value: Callable[[defaults.Names, Json], bool]
    element: Callable[[defaults.Names, Mapping[str, Json]], bool] = lambda names, element: False


def lines(wanted: Object, live: Object) -> list[str]:
    """Additions to one applied object, one line each with who made it; `LOOKED_AT` names the kinds."""
    root, there = Node(scaling.ordered(wanted)), Node(scaling.ordered(live))
    look = LOOKED_AT.get(root["kind"].text())
    return _told(wanted, there, look(root, there)) if look else []


def of_pod(workload: Object, pod: Object, router: str) -> list[str]:
    """What a pod has beyond the template of its release.

    `router`: what the release is led by; if it is a mesh, its sidecar is no addition.
    """
    wanted, there = Node(workload).at("spec", "template", "spec"), Node(pod)
    known = _Known(
        lambda names, value: defaults.in_pod(names[1:], value, wanted.object()) or defaults.by_mesh(names[1:], router),
        lambda names, element: defaults.of_admission(names[1:], element, router),
    )
    return _told(pod, there, _added(wanted, there["spec"], ("spec",), known), "Pod")


def other_programs(workload: Object, pod: Object) -> list[str]:
    """What a pod's containers run otherwise than the template of its release says."""
    wanted, there = Node(workload).at("spec", "template", "spec", "containers"), Node(pod).at("spec", "containers")
    return [
        f"Pod {metadata.name(pod)}: {key} of container {one['name'].text()[:_LONGEST]} is not as released"
        for one, live in _pairs(wanted, there)
        for key in _PROGRAM
        if one[key].value not in _EMPTY and (live[key].value in _EMPTY or any(differing(one[key], live[key], (key,))))
    ][:MOST]


def _to_template(wanted: Node, live: Node) -> Iterator[tuple[Step, ...]]:
    at = ("spec", "template")
    one, there = wanted.at(*at), live.at(*at)
    spec = one["spec"].object()
    in_spec = _Known(lambda names, value: defaults.in_template(names[3:], value, spec))
    in_words = _Known(lambda names, value: names[-1] == RESTARTED)
    for key in ("labels", "annotations"):
        yield from _added(one.at("metadata", key), there.at("metadata", key), (*at, "metadata", key), in_words)
    yield from _added(one["spec"], there["spec"], (*at, "spec"), in_spec)


def _to_service(wanted: Node, live: Node) -> Iterator[tuple[Step, ...]]:
    """But for what it selects by, which is put back."""
    known = _Known(lambda names, value: names[1] == "selector" or defaults.in_service(names[1:], value))
    return _added(wanted["spec"], live["spec"], ("spec",), known)


def _to_autoscaler(wanted: Node, live: Node) -> Iterator[tuple[Step, ...]]:
    spec = wanted["spec"].object()
    known = _Known(lambda names, value: defaults.in_autoscaler(names[1:], value, spec))
    return _added(wanted["spec"], live["spec"], ("spec",), known)


def _to_budget(wanted: Node, live: Node) -> Iterator[tuple[Step, ...]]:
    return _added(wanted["spec"], live["spec"], ("spec",), _Known(lambda names, value: False))


def _to_config(wanted: Node, live: Node) -> Iterator[tuple[Step, ...]]:
    """A key more is a variable more of each pod that takes them all. What was given as text the server encodes."""
    none = _Known(lambda names, value: False)
    for key in ("data", "binaryData"):
        one = {**wanted["stringData"].object(), **wanted[key].object()} if key == "data" else wanted[key].object()
        yield from _added(Node(one), live[key], (key,), none)


LOOKED_AT: Mapping[str, Callable[[Node, Node], Iterator[tuple[Step, ...]]]] = {
    "Deployment": _to_template,
    "Service": _to_service,
    "HorizontalPodAutoscaler": _to_autoscaler,
    "PodDisruptionBudget": _to_budget,
    "ConfigMap": _to_config,
    "Secret": _to_config,
}
"""Kind to where `live` has what `wanted` has not. Of other kinds nobody knows the defaults."""


def _added(one: Node, live: Node, at: tuple[Step, ...], known: _Known) -> Iterator[tuple[Step, ...]]:
    """Where `live` has what `one` has not. An object that nobody has named is told by its fields, a list by each."""
    names = tuple(step for step in at if isinstance(step, str))
    if live.value in _EMPTY or len(at) > DEEPEST:
        return
    if isinstance(live.value, Mapping):
        for name, below in live.fields():
            yield from _added(one[name], below, (*at, name), known)
    elif isinstance(live.value, list) and all(isinstance(each.value, Mapping) for each in live):
        for mine, each in _pairs(one, live):
            if mine.value is not None:
                yield from _added(mine, each, (*at, each), known)
            elif not known.element(names, each.object()) and not known.value(names, each.value):
                yield (*at, each)
    elif one.value is None and not known.value(names, live.value):
        yield at


def _pairs(one: Node, live: Node) -> Iterator[tuple[Node, Node]]:
    """Elements of a list with what was applied of each: by name where all of these have one, else by place.

    A second element of the same name has no partner, though the first had: of two variables the last one counts.
    """
    left = list(one) if isinstance(one.value, list) else []
    named = {each["name"].text(): each for each in left}
    by_name = len(named.keys() - {""}) == len(left)
    for place, each in enumerate(live):
        if by_name:
            yield named.pop(each["name"].text(), Node()), each
        else:
            yield left[place] if place < len(left) else Node(), each


def _told(wanted: Object, live: Node, found: Iterator[tuple[Step, ...]], kind: str = "") -> list[str]:
    what = f"{kind or Node(wanted)['kind'].text()} {metadata.name(wanted)}"
    managers = [
        (set(paths(entry["fieldsV1"])), entry["manager"].text(), entry["time"].text())
        for entry in live.at("metadata", "managedFields")
    ]
    said: list[str] = []
    for at in found:
        if len(said) == MOST:
            break
        whose = [f"{name[:_LONGEST]} at {time}" for owned, name, time in managers if any(_is_at(at, p) for p in owned)]
        said.append(f"{what}: {_words(at)[:_LONGEST]} was added by {whose[-1] if whose else 'whoever'}")
    return said


def _is_at(at: tuple[Step, ...], path: Path) -> bool:
    """Whether a manager's path leads to, into or around what was added."""
    return all(_is_step(step, other) for step, other in zip(at, path, strict=False))


def _is_step(step: Step, other: str) -> bool:
    kind, _, rest = other.partition(":")
    if isinstance(step, str):
        return kind == "f" and rest == step
    try:
        said = json.loads(rest)
    except (ValueError, RecursionError):
        return False
    if kind == "k":
        return all(step[name].value == value.value for name, value in Node(said).fields())
    return kind == "v" and step.value == said


def _words(at: tuple[Step, ...]) -> str:
    said = ""
    for step in at:
        if isinstance(step, str):
            said += f".{step}"
        else:
            key = next((key for key in ("name", "mountPath", "containerPort", "port") if step[key].value), "")
            said += f"[{key}={json.dumps(step[key].value)}]" if key else "[]"
    return said
