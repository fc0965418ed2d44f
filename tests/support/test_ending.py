"""Labs on one server do not come in each other's way."""

from __future__ import annotations

from pathlib import Path

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from tests.support.fakes import FastClock, on_memory
from tests.support.lab import Lab, prepared
from tests.workflows.releases.judged import first


async def test_a_lab_uses_the_environment_of_one_that_has_ended(temporal_address: str, tmp_path: Path) -> None:
    for name in ("one", "another"):
        plain = prepared(temporal_address, tmp_path / name)
        activities = on_memory(plain, MemoryTarget(), MemorySource(), FastClock())
        async with Lab.on(temporal_address, tmp_path / name, activities) as lab:
            await first(lab, "used-twice")
