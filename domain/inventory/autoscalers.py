"""Rows of autoscalers: what they see, and what they do about it."""

from __future__ import annotations

from itertools import islice

from domain.inventory.details import MOST_ITEMS, AutoscalerDetails, MetricSeen
from domain.inventory.model import Health, ObjectRow
from domain.inventory.scene import Scene, row
from domain.inventory.texts import clean, condition, conditions, moment, number
from domain.inventory.workload_shapes import Autoscaler, Metric, MetricSource, MetricValue
from domain.inventory.workloads import Seen

SOURCES = ("resource", "container_resource", "pods", "object", "external")
IDLE = ("ScalingDisabled",)
"""Reasons of an autoscaler that somebody has scaled to zero."""


def autoscaler_row(one: Autoscaler, scene: Scene) -> ObjectRow:
    """HorizontalPodAutoscaler: degraded where it cannot scale, or sees no metric."""
    spec, said = one.spec, one.status
    seen = {key: current for key, _, current in map(_of, said.current_metrics or ()) if key}
    metrics: list[MetricSeen] = []
    for metric in islice(spec.metrics or (), MOST_ITEMS):
        key, target, _ = _of(metric)
        each: MetricSeen = {"name": key[1], "type": key[0], "target": target}
        if current := seen.get(key):
            each["current"] = current
        metrics.append(each)
    aim = spec.scale_target_ref
    details: AutoscalerDetails = {
        "target": clean(f"{aim.kind}/{aim.name}"),
        "min": number(1 if spec.min_replicas is None else spec.min_replicas),
        "max": number(spec.max_replicas),
        "metrics": metrics,
        "scaled_at": moment(said.last_scale_time),
        "conditions": conditions(said.conditions),
    }
    health, status, reason = _seen(one)
    return row(
        scene,
        "HorizontalPodAutoscaler",
        one.metadata,
        health,
        status,
        {**details},
        reason=reason,
        since=_since(one),
        owner=details["target"],
        wanted=number(said.desired_replicas),
        ready=number(said.current_replicas),
    )


def _seen(one: Autoscaler) -> Seen:
    found = one.status.conditions
    able, active, limited = (condition(found, kind) for kind in ("AbleToScale", "ScalingActive", "ScalingLimited"))
    if active.reason in IDLE:
        return Health.SUSPENDED, "Disabled", active.message or "its workload is scaled to zero replicas"
    for each in (able, active):
        if each.status == "False":
            return Health.DEGRADED, "Failing", f"{each.reason}: {each.message}"
    if not able.status:
        return Health.PROGRESSING, "Starting", "it has not decided anything yet"
    return Health.HEALTHY, "Limited" if limited.status == "True" else "Active", ""


def _since(one: Autoscaler) -> float:
    told = [condition(one.status.conditions, kind) for kind in ("AbleToScale", "ScalingActive")]
    wrong = [each for each in told if each.status == "False"]
    return moment((wrong or told)[0].last_transition_time)


def _of(metric: Metric) -> tuple[tuple[str, str], str, str]:
    """Type and name; target; current."""
    source: MetricSource | None = next((found for key in SOURCES if (found := getattr(metric, key))), None)
    if source is None:
        return (clean(metric.type, 40), ""), "", ""
    name = source.name or (source.metric.name if source.metric else "")
    return (clean(metric.type, 40), clean(name)), _value(source.target), _value(source.current)


def _value(one: MetricValue | None) -> str:
    if one is None:
        return ""
    if one.average_utilization is not None:
        return f"{number(one.average_utilization)}%"
    return clean(one.average_value or one.value, 64)
