"""Makes what runs already a service's first version, without a request lost: no pod is touched."""

from __future__ import annotations

from domain.releases.actions import Action, ActionKind
from domain.releases.strategies.steps import Order, Steps


def adoption(order: Order) -> Steps:
    """Its endpoints first, then the route: both lead to the same pods before and after."""
    yield Action(do=ActionKind.ADOPT, version=order.version)
    yield Action(do=ActionKind.ROUTE, version=order.version)
