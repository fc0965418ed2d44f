"""Who has no key here cannot decide here."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.access import identities
from domain.core.errors import RefusedError


def test_a_decision_needs_the_private_key(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="SLW871"):
        identities.load(tmp_path, "ann")
