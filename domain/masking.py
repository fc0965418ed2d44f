"""Kept for one release: a supervisor started by the previous engine still imports it."""

from domain.core.masking import *  # noqa: F403
