"""Secrets by reference."""

import pytest

from activities.core.secrets import resolve
from domain.core.errors import SluicewayError


def test_a_secret_that_is_not_there_is_named_by_reference(tmp_path, monkeypatch):
    (tmp_path / "s").write_text("value\n")
    monkeypatch.setenv("A_SECRET", "x")

    assert resolve({"A": "env:A_SECRET", "B": f"file:{tmp_path}/s"}) == {"A": "x", "B": "value"}
    with pytest.raises(SluicewayError, match="cannot be read"):
        resolve({"C": f"file:{tmp_path}/none"})
