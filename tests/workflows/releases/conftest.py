"""What the tests of releases share: an engine whose target, traffic and ticks are in memory, as one place or as many clusters."""

import pytest

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from tests.support.fakes import FastClock, Fleet, on_memory
from tests.support.lab import Lab, prepared


@pytest.fixture
async def memory(temporal_address, tmp_path):
    platform, source = MemoryTarget(), MemorySource()
    activities = on_memory(prepared(temporal_address, tmp_path), platform, source, FastClock())
    async with Lab.on(temporal_address, tmp_path, activities) as lab:
        yield lab, platform, source


@pytest.fixture
async def fleet(temporal_address, tmp_path):
    clusters, source = Fleet(), MemorySource()
    activities = on_memory(prepared(temporal_address, tmp_path), clusters, source, FastClock())
    async with Lab.on(temporal_address, tmp_path, activities) as lab:
        yield lab, clusters, source
