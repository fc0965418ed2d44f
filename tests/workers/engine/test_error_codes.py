"""A process of the engine that does not start is told with its last words."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.core.errors import SluicewayError
from workers.engine import embedded


def test_a_process_that_does_not_become_ready_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "START_TIMEOUT_S", 0.0)
    (tmp_path / "service.log").write_text("the port is taken\n")
    with pytest.raises(SluicewayError, match=r"SLW903[\s\S]*the port is taken"):
        embedded._wait(tmp_path)
