"""A simulated run that waits for what nobody brings is ended, and said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from workers.cli.main import cli
from workers.simulation import environment

PIPELINE = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: p\njobs:\n  a:\n    run: 'true'\n"
CASES = (
    "apiVersion: sluiceway/v1\nkind: PipelineTest\npipeline: p.yaml\ncases:\n- name: c\n  expect: {status: passed}\n"
)


def test_a_run_that_does_not_end_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "CASE_TIMEOUT_S", 0.0)
    (tmp_path / "p.yaml").write_text(PIPELINE)
    (tmp_path / "p.test.yaml").write_text(CASES)
    done = CliRunner().invoke(cli, ["test", str(tmp_path / "p.test.yaml")])
    assert "error SLW932: the run has not ended" in done.output
    assert done.exit_code == 1
