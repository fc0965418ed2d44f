"""Stop the old version, then start the new one: never two at once, and a gap in between."""

from __future__ import annotations

from domain.releases.actions import Action, Do
from domain.releases.strategies.steps import Order, Steps


def recreate(order: Order) -> Steps:
    if order.previous:
        yield Action(Do.STOP, order.previous)
    yield Action(Do.START, order.version)
    yield Action(Do.ROUTE, order.version)
