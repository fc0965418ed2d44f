"""Starts with a small share of the traffic, and raises it only with evidence that more is safe."""

from __future__ import annotations

from itertools import pairwise

from domain.releases.actions import Action, ActionKind
from domain.releases.judge.ramp import Goal
from domain.releases.strategies.steps import Order, Steps, approvals, finish, first


def canary(order: Order) -> Steps:
    """Raise the weight step by step, each judged before the next; the previous version keeps all its processes."""
    if not order.previous:
        yield from first(order)
        return
    yield Action(ActionKind.START, order.version)
    measured = yield Action(ActionKind.MEASURE, order.previous)
    yield Action(ActionKind.PREVIEW, order.version)
    if order.spec.checks:
        yield Action(ActionKind.CHECK, order.version)
    if order.spec.dast:
        yield Action(ActionKind.DAST, order.version)
    policy, reached = order.spec.policy, 0.0
    for percent, following in pairwise((*policy.weights(measured.requests_per_s), 100.0)):
        yield from approvals(order, reached, percent)
        yield Action(ActionKind.SHIFT, order.version, percent=percent)
        if order.spec.judged:
            yield Action(ActionKind.OBSERVE, order.version, goal=order.goal(following))
        reached = percent
    if policy.bake_s and order.spec.judged:
        yield Action(ActionKind.OBSERVE, order.version, goal=Goal(100.0, policy.bake_s, policy.bake_s, prove=False))
    yield from approvals(order, reached, 100.0)
    yield from finish(order)
