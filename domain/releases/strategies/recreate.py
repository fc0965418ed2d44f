"""Stops the old version, then starts the new one: never two at once, with a gap in between."""

from __future__ import annotations

from domain.releases.actions import Action, ActionKind
from domain.releases.strategies.steps import Order, Steps, begin


def recreate(order: Order) -> Steps:
    """Stop the previous version, then start the new one: the service is down in between."""
    begun = yield from begin(order, hold=False)
    if order.previous:
        yield Action(do=ActionKind.STOP, version=order.previous)
    yield from begun.hook("expand", "before")  # what they change, the previous version need not live with
    yield Action(do=ActionKind.START, version=order.version, count=begun.full)
    yield Action(do=ActionKind.ROUTE, version=order.version)
    yield from begun.hook("after")
