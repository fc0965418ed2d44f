"""Which errors of a server pass by themselves."""

from __future__ import annotations

from domain.core.errors import SluicewayError, UnreachableError

LATER = frozenset({429, 502, 503, 504})
"""Statuses that say: later."""


def is_away(broken: SluicewayError) -> bool:
    """Whether the same call may succeed later."""
    return broken.transient or isinstance(broken, UnreachableError) or broken.status in LATER
