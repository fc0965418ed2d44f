"""What somebody asks of a cluster's priority classes: one more, another value, or one less."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.clusters.spec import HIGHEST_PRIORITY, ClusterSpec, Priority, wrong_class

if TYPE_CHECKING:
    from domain.clusters.requests import ClusterRequest

VALUE, PREEMPTS = "value", "preempts"
"""The fields of a request's values: all of them, or none, which removes the class. `preempts`: 1 or 0."""


def complaints(asked: ClusterRequest) -> Iterator[tuple[str, str]]:
    """What is wrong with it whatever its cluster is."""
    if why := wrong_class(asked.name):
        yield "name", why
    if asked.namespace:
        yield "namespace", "a priority class is of the whole cluster: it has no namespace"
    value, preempts = asked.values.get(VALUE, 0), asked.values.get(PREEMPTS, 0)
    if not (math.isfinite(value) and abs(value) <= HIGHEST_PRIORITY and value == int(value)):
        yield VALUE, f"a value is a whole number from {-HIGHEST_PRIORITY} to {HIGHEST_PRIORITY}"
    if preempts not in (0, 1):
        yield PREEMPTS, "preempts is 1 or 0"
    for name in asked.values:
        if name not in (VALUE, PREEMPTS):
            yield name, f"{name} is none of {VALUE}, {PREEMPTS}"


def class_of(spec: ClusterSpec, name: str) -> Priority | None:
    """None: the definition does not name it."""
    return next((one for one in spec.priorities if one.name == name), None)


def refusals(spec: ClusterSpec, asked: ClusterRequest) -> Iterator[str]:
    """Why this cluster cannot do it, whoever agrees."""
    now = class_of(spec, asked.name)
    if now is None and not asked.values:
        yield f"the definition of {spec.name} names no priority class {asked.name}"
    elif now is None and VALUE not in asked.values:
        yield f"{asked.name} is a new priority class: say its value"
    elif now is not None and now == _wanted(asked, now):
        yield f"{asked.name} has this value already"


def bound(spec: ClusterSpec, asked: ClusterRequest) -> ClusterRequest:
    """With what it replaces, and all that it is to be."""
    now = class_of(spec, asked.name)
    wanted = _wanted(asked, now)
    return replace(asked, values=_values(wanted), before=_values(now), allow_from=(), allow_to=())


def applied(spec: ClusterSpec, asked: ClusterRequest) -> ClusterSpec:
    """The cluster with it."""
    return _with(spec, asked.name, _wanted(asked, None))


def without(spec: ClusterSpec, asked: ClusterRequest) -> ClusterSpec:
    """The cluster as it was before; a class that somebody has changed since stays as they changed it."""
    if class_of(spec, asked.name) != _wanted(asked, None):
        return spec
    return _with(spec, asked.name, _class(asked.name, asked.before))


def is_moved(spec: ClusterSpec, asked: ClusterRequest) -> bool:
    """Whether the class is other than it was when it was asked."""
    return class_of(spec, asked.name) != _class(asked.name, asked.before)


def _with(spec: ClusterSpec, name: str, wanted: Priority | None) -> ClusterSpec:
    others = [one for one in spec.priorities if one.name != name]
    return replace(spec, priorities=tuple(sorted([*others, *([wanted] if wanted else [])])))


def _wanted(asked: ClusterRequest, now: Priority | None) -> Priority | None:
    """What is not said stays, or is what Kubernetes makes of it."""
    return _class(asked.name, {**_values(now), **asked.values}) if asked.values else None


def _class(name: str, values: dict[str, float]) -> Priority | None:
    if not values:
        return None
    return Priority(name, int(values.get(VALUE, 0)), bool(values.get(PREEMPTS, 1)))


def _values(one: Priority | None) -> dict[str, float]:
    return {VALUE: float(one.value), PREEMPTS: float(one.preempts)} if one else {}
