"""Rows of quotas, limit ranges and priority classes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from domain.inventory.cluster_shapes import LimitItem, LimitRange, PriorityClass, Quota
from domain.inventory.details import (
    MOST_ITEMS,
    Limit,
    LimitRangeDetails,
    PriorityClassDetails,
    QuotaDetails,
    QuotaResource,
)
from domain.inventory.model import Health, ObjectRow
from domain.inventory.scene import Scene, row
from domain.inventory.texts import MOST_NUMBER, amount, clean, number, texts

HIGH = 80
"""Percent."""
MOST_PERCENT = 1_000_000


def quota_row(one: Quota, scene: Scene) -> ObjectRow:
    """ResourceQuota: degraded where a resource is used up, as the next pod is refused."""
    resources = resources_of(one)
    fullest = resources[0] if resources else QuotaResource()
    percent = fullest.get("percent", 0)
    details: QuotaDetails = {
        "resources": resources,
        "fullest": fullest.get("name", "") if percent else "",
        "scopes": texts(one.spec.scopes),
    }
    full = [each for each in resources if each["percent"] >= 100]
    status = "Full" if full else "High" if percent >= HIGH else "Free"
    health = Health.DEGRADED if full else Health.HEALTHY
    why = "; ".join(f"{each['name']} is used up: {each['used']} of {each['hard']}" for each in full[:5])
    return row(scene, "ResourceQuota", one.metadata, health, status, {**details}, reason=why, wanted=percent)


def resources_of(one: Quota) -> list[QuotaResource]:
    """The fullest first. What allows nothing (a hard limit of 0) and is not used is not full."""
    hard, used = one.status.hard or {}, one.status.used or {}
    made: list[QuotaResource] = []
    for name, most in islice(hard.items(), MOST_ITEMS):
        limit, taken = min(amount(most), MOST_NUMBER), min(amount(used.get(name)), MOST_NUMBER)
        percent = number(min(taken / limit * 100, MOST_PERCENT)) if limit else 100 * bool(taken)
        made.append(
            {
                "name": clean(name),
                "hard": clean(most, 64),
                "used": clean(used.get(name), 64) or "0",
                "hard_number": limit,
                "used_number": taken,
                "percent": percent,
            }
        )
    return sorted(made, key=lambda each: (-each["percent"], each["name"]))


def limit_range_row(one: LimitRange, scene: Scene) -> ObjectRow:
    """LimitRange."""
    every = [each for item in islice(one.spec.limits or (), MOST_ITEMS) for each in _limits(item)]
    details: LimitRangeDetails = {"limits": every[:MOST_ITEMS]}
    return row(scene, "LimitRange", one.metadata, Health.HEALTHY, "Active", {**details})


def _limits(item: LimitItem) -> Iterator[Limit]:
    said = (item.default, item.default_request, item.min, item.max, item.max_limit_request_ratio)
    for resource in sorted({name for each in said for name in each or ()})[:MOST_ITEMS]:
        default, request, least, most, ratio = (clean((each or {}).get(resource), 64) for each in said)
        made: Limit = {"type": clean(item.type, 40), "resource": clean(resource)}
        if default:
            made["default"] = default
        if request:
            made["default_request"] = request
        if least:
            made["min"] = least
        if most:
            made["max"] = most
        if ratio:
            made["ratio"] = ratio
        yield made


def priority_class_row(one: PriorityClass, scene: Scene) -> ObjectRow:
    """PriorityClass."""
    details: PriorityClassDetails = {
        "value": max(min(one.value, MOST_NUMBER), -MOST_NUMBER),
        "default": one.global_default,
        "preemption": clean(one.preemption_policy, 40),
        "description": clean(one.description),
    }
    status = "Default" if one.global_default else "Available"
    return row(scene, "PriorityClass", one.metadata, Health.HEALTHY, status, {**details})
