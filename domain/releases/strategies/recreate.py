"""Stops the old version, then starts the new one: never two at once, with a gap in between."""

from __future__ import annotations

from domain.releases.actions import Action, ActionKind
from domain.releases.strategies.steps import Order, Steps


def recreate(order: Order) -> Steps:
    """Stop the previous version, then start the new one: the service is down in between."""
    if order.previous:
        yield Action(do=ActionKind.STOP, version=order.previous)
    yield Action(do=ActionKind.START, version=order.version)
    yield Action(do=ActionKind.ROUTE, version=order.version)
