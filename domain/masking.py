"""Kept for one release: a supervisor of the engine before imports it late."""

from domain.core.masking import *  # noqa: F403
