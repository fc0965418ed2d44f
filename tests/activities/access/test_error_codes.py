"""Who has no key here cannot decide here."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.access import private_keys
from domain.core.errors import RefusedError


def test_a_decision_needs_the_private_key(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="SLW871"):
        private_keys.load(tmp_path, "ann")
