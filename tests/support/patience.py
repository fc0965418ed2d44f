"""How long tests wait for what has to come: longer on CI, whose machine may be busy with something else.

A limit only tells a test that hangs from one that is slow. A test that passes never waits for it, so a long one costs nothing.
"""

from __future__ import annotations

import os
from typing import Final

import pytest

FACTOR: Final = float(os.environ.get("SLUICEWAY_TESTS_PATIENCE", "3" if os.environ.get("CI") == "true" else "1"))


def patient(limit: float) -> float:
    """A limit as this machine needs it, in the unit that it came in."""
    return limit * FACTOR


def give_time(items: list[pytest.Item]) -> None:
    """Each test the limit of its marker, or the default of pyproject.toml, as this machine needs it."""
    for item in items if FACTOR != 1 else []:
        marker = item.get_closest_marker("timeout")
        limit_s = float(marker.args[0] if marker else item.config.getini("timeout"))
        item.add_marker(pytest.mark.timeout(patient(limit_s)), append=False)
