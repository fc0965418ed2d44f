"""Records that this engine cannot use are refused, not damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.storage.opening import open_database
from activities.storage.schema import is_current
from domain.core.errors import SluicewayError


def test_records_of_a_newer_engine_are_left_alone() -> None:
    with pytest.raises(SluicewayError, match="SLW806"):
        is_current("9999", "records.db")


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_text("hello, this is a text, and not a database at all")
    with pytest.raises(SluicewayError, match="SLW807"):
        open_database(tmp_path / "records.db")
