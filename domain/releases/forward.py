"""Which actions of a release take it forward, so that its windows are asked first; going back never asks."""

from __future__ import annotations

from collections.abc import Sequence

from domain.releases.actions import Action, ActionKind

_FORWARD = (ActionKind.START, ActionKind.SCALE, ActionKind.SHIFT, ActionKind.ROUTE)


def goes_forward(action: Action, done: Sequence[Action], version: str) -> bool:
    """Whether an action of a strategy needs an open window; `done`: the actions before it.

    The first action does, and each that starts processes or moves traffic. Once another version was stopped, none
    does: the service would be down, or the release is over but for what is left to tidy up.
    """
    if any(one.do is ActionKind.STOP and one.version != version for one in done):
        return False
    return not done or action.do in _FORWARD
