"""The right that an exec session needs, when it is asked for, opened, and all along."""

from __future__ import annotations

from domain.access.verdict import STEP_UP


def may(rule: str, *, allowed: bool) -> bool:
    """Whether somebody may, or only has to confirm that it is still them."""
    return allowed or rule == STEP_UP
