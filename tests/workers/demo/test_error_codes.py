"""The demo says when its push reached no engine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from domain.core.errors import SluicewayError
from workers.demo import demo
from workers.demo.versions import VERSIONS


def test_a_push_that_starts_no_run_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_git", lambda *_, cwd: "remote: no engine")
    with pytest.raises(SluicewayError, match=r"SLW920[\s\S]*no engine"):
        demo.Demo._push(SimpleNamespace(), VERSIONS[0], tmp_path / "clone")  # type: ignore[arg-type]
