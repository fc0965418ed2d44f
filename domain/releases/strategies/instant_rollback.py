"""Switches back to an earlier version at once: it was live before, so it is not judged."""

from __future__ import annotations

from domain.releases.actions import Action, ActionKind
from domain.releases.strategies.steps import Order, Steps, begin, end


def switch(order: Order) -> Steps:
    """Switch at once when the version is on standby; the replaced one stops when it has drained."""
    begun = yield from begin(order)
    yield Action(do=ActionKind.START, version=order.version, count=begun.full)
    yield Action(do=ActionKind.ROUTE, version=order.version)
    if order.previous:
        yield Action(do=ActionKind.VERIFY, version=order.version)
        yield end(order)
