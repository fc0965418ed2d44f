"""Marks texts of Python for translation."""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 the name that gettext's tools look for
    """The message itself: `make messages` finds it here, and a template translates it where it is shown."""
    return message
