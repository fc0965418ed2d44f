"""Replaces processes in batches; the traffic follows the number of processes."""

from __future__ import annotations

from dataclasses import replace

from domain.releases.actions import Action, ActionKind
from domain.releases.strategies.steps import Order, Steps, approvals, begin, end, first


def rolling(order: Order) -> Steps:
    """Replace processes `batch` by `batch`; the traffic follows the number of processes."""
    if not order.previous:
        yield from first(order)
        return
    begun = yield from begin(order)
    order = replace(
        order, instances=begun.full or order.instances, previous_instances=begun.stable or order.previous_instances
    )
    yield from begun.hook("expand", "before")
    total, old, new, reached = order.instances, order.previous_instances, 0, 0.0
    if order.spec.judged:
        yield Action(do=ActionKind.MEASURE, version=order.previous)
    while new < total:
        following = min(total, new + order.spec.batch)
        allowed = max(total - order.spec.max_unavailable - new, 0)
        percent = _weight(order, min(old, allowed) if new + allowed else old, following)
        yield from approvals(order, reached, percent)
        if allowed < old and new + allowed > 0:  # enough processes must answer while the next ones start
            old = allowed
            yield from _fewer(order, old)
        yield Action(do=ActionKind.SCALE if new else ActionKind.START, version=order.version, count=following)
        new, reached = following, percent
        kept = min(old, total - new)
        if kept:
            yield Action(do=ActionKind.SHIFT, version=order.version, percent=round(100.0 * new / (new + kept), 2))
            if kept < old:
                old = kept
                yield from _fewer(order, old)
            if order.spec.judged:
                yield Action(do=ActionKind.OBSERVE, version=order.version, goal=order.goal(100.0, prove=False))
    yield Action(do=ActionKind.ROUTE, version=order.version)
    yield from begun.hook("after")
    yield Action(do=ActionKind.VERIFY, version=order.version)
    yield end(order)


def _weight(order: Order, old: int, new: int) -> float:
    """The new version's weight in percent, once it has so many processes."""
    if not order.by_weight:
        return 100.0 * new / order.instances
    return 100.0 * new / (new + min(old, order.instances - new))


def _fewer(order: Order, count: int) -> Steps:
    if count:
        yield Action(do=ActionKind.SCALE, version=order.previous, count=count)
