"""Several `sluiceway up` at once on one home: one engine, with one key, whoever is first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.command_line import said, spawn
from tests.support.supervised import pids

PARTS = ("temporal", "signer", "worker")


@pytest.mark.system
def test_engines_that_start_at_once_are_one(home: Path) -> None:
    with ThreadPoolExecutor(3) as several:
        answers = list(several.map(lambda _: spawn("up"), range(3)))

    assert [code for code, _, _ in answers] == [0, 0, 0], [err for _, _, err in answers]
    address = {next(line for line in out.splitlines() if "Temporal  " in line) for _, out, _ in answers}
    assert len(address) == 1, answers
    assert [len(pids(home / "engine" / part)) for part in PARTS] == [1, 1, 1]
    assert "is up" in said("status")
