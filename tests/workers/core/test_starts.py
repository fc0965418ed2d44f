"""A start begins one execution."""

import os
from pathlib import Path

import pytest

from workers.core.starts import KEPT_S, Starts


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_start_that_has_begun_one_execution_begins_no_other(tmp_path: Path, on_disk: bool):
    starts = Starts(tmp_path / "starts" if on_disk else None)
    assert starts.first("n", "run-1")
    assert starts.first("n", "run-1")  # its first task is tried again
    assert not starts.first("n", "run-2")
    assert starts.first("../../x", "run-2")


def test_what_is_older_than_a_day_is_forgotten(tmp_path: Path):
    starts = Starts(tmp_path / "starts")
    starts.first("old", "run-1")
    starts.first("new", "run-1")
    file = min((tmp_path / "starts").iterdir(), key=lambda one: one.stat().st_mtime_ns)
    os.utime(file, (1_000, 1_000))
    starts.forget(1_000 + KEPT_S + 1)
    assert len(list((tmp_path / "starts").iterdir())) == 1
    Starts(tmp_path / "none").forget()
