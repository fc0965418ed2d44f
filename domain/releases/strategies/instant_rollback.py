"""Switches back to an earlier version at once: it was live before, so it is not judged."""

from __future__ import annotations

from domain.releases.actions import Action, ActionKind
from domain.releases.strategies.steps import Order, Steps


def switch(order: Order) -> Steps:
    """Switch at once when the version is on standby; the replaced one stops when it has drained."""
    yield Action(ActionKind.START, order.version)
    yield Action(ActionKind.ROUTE, order.version)
    if order.previous:
        yield Action(ActionKind.VERIFY, order.version)
        yield Action(ActionKind.STOP, order.previous)
