"""Starts with a small share of the traffic, and raises it only with evidence that more is safe."""

from __future__ import annotations

from itertools import pairwise

from domain.releases.actions import Action, ActionKind
from domain.releases.judge.ramp import Goal
from domain.releases.strategies.steps import Order, Steps, approvals, begin, finish, first


def canary(order: Order) -> Steps:
    """Raise the weight step by step, each judged before the next; the previous version keeps all its processes."""
    if not order.previous:
        yield from first(order)
        return
    begun = yield from begin(order)
    yield from begun.hook("expand", "before")
    yield Action(do=ActionKind.START, version=order.version, count=begun.instances(0.0), measures=order.previous)
    measured = yield Action(do=ActionKind.MEASURE, version=order.previous)
    yield Action(do=ActionKind.PREVIEW, version=order.version)
    if order.spec.checks:
        yield Action(do=ActionKind.CHECK, version=order.version)
    if order.spec.dast:
        yield Action(do=ActionKind.DAST, version=order.version)
    policy, reached = order.spec.policy, 0.0
    weights = policy.weights(measured.requests_per_s, by_dwell=order.by_dwell)
    for percent, following in pairwise((*weights, 100.0)):
        yield from approvals(order, reached, percent)
        yield from begun.scale(reached, percent)
        yield Action(do=ActionKind.SHIFT, version=order.version, percent=percent)
        if order.spec.judged:
            yield Action(do=ActionKind.OBSERVE, version=order.version, goal=order.goal(following))
        reached = percent
    if policy.bake_s and order.spec.judged:
        yield Action(
            do=ActionKind.OBSERVE,
            version=order.version,
            goal=Goal(next_percent=100.0, min_dwell_s=policy.bake_s, max_dwell_s=policy.bake_s, prove=False),
        )
    yield from approvals(order, reached, 100.0)
    yield from finish(begun, reached)
