"""Two versions of a service are counted in one way, whatever its environment said when each was released."""

from __future__ import annotations

from dataclasses import replace

from domain.releases.deployment import Deployment


def counted_alike(deployment: Deployment, other: Deployment | None) -> Deployment:
    """A version that is counted where its successor is: what was released before may have been counted elsewhere.

    The environment may have moved its Prometheus since, or have got one because its routers cannot be read.
    """
    here, there = deployment.spec.kubernetes, other.spec.kubernetes if other else None
    if here is None or there is None or here.place.counters == there.place.counters:
        return deployment
    if here.place.cluster != there.place.cluster or other is None or _number(other) < _number(deployment):
        return deployment
    place = replace(here.place, counters=there.place.counters)
    return replace(deployment, spec=replace(deployment.spec, kubernetes=replace(here, place=place)))


def _number(deployment: Deployment) -> int:
    digits = deployment.instance.removeprefix("r")
    return int(digits) if digits.isascii() and digits.isdigit() else 0
