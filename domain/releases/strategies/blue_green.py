"""The new version beside the old one, tried at its own address and with a part of the traffic; then one switch."""

from __future__ import annotations

from domain.releases.actions import Action, Do
from domain.releases.strategies.steps import Order, Steps, approvals, finish, first


def blue_green(order: Order) -> Steps:
    if not order.previous:
        yield from first(order)
        return
    yield Action(Do.START, order.version)
    yield Action(Do.MEASURE, order.previous)
    yield Action(Do.PREVIEW, order.version)
    if order.spec.checks:
        yield Action(Do.CHECK, order.version)
    if order.spec.dast:
        yield Action(Do.DAST, order.version)
    split = order.spec.split_percent
    yield from approvals(order, 0.0, split)
    if split and order.spec.judged:
        yield Action(Do.SHIFT, order.version, percent=split)
        yield Action(Do.OBSERVE, order.version, goal=order.goal(100.0))
    yield from approvals(order, split, 100.0)
    yield from finish(order)
