"""Starts the new version beside the old one, tests it at its preview address and with some traffic, then switches."""

from __future__ import annotations

from domain.releases.actions import Action, ActionKind
from domain.releases.strategies.steps import Order, Steps, approvals, begin, finish, first


def blue_green(order: Order) -> Steps:
    """Start beside the previous version, check, judge on a share of the traffic, switch, keep the previous one on
    standby.
    """
    if not order.previous:
        yield from first(order)
        return
    begun = yield from begin(order)
    yield from begun.hook("expand", "before")
    yield Action(do=ActionKind.START, version=order.version, count=begun.full, measures=order.previous)
    yield Action(do=ActionKind.MEASURE, version=order.previous)
    yield Action(do=ActionKind.PREVIEW, version=order.version)
    if order.spec.checks:
        yield Action(do=ActionKind.CHECK, version=order.version)
    if order.spec.dast:
        yield Action(do=ActionKind.DAST, version=order.version)
    split = order.spec.split_percent
    yield from approvals(order, 0.0, split)
    if split and order.spec.judged:
        yield Action(do=ActionKind.SHIFT, version=order.version, percent=split)
        yield Action(do=ActionKind.OBSERVE, version=order.version, goal=order.goal(100.0))
    yield from approvals(order, split, 100.0)
    yield from finish(begun, 100.0)
