"""Back to a version that was live before, at once: it is known, so nothing is judged."""

from __future__ import annotations

from domain.releases.actions import Action, ActionKind
from domain.releases.strategies.steps import Order, Steps


def switch(order: Order) -> Steps:
    """A version that is still warm is ready at once; the one that is left is stopped when it has drained."""
    yield Action(ActionKind.START, order.version)
    yield Action(ActionKind.ROUTE, order.version)
    if order.previous:
        yield Action(ActionKind.VERIFY, order.version)
        yield Action(ActionKind.STOP, order.previous)
