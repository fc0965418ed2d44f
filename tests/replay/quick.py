"""Canaries whose first weight follows from a short dwell, measured while they start; one of them never becomes ready."""

from __future__ import annotations

from temporalio.client import WorkflowHandle

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from tests.replay import SCENE
from tests.support.fakes import on_memory
from tests.support.lab import Lab, prepared

TEXT = """jobs:
  ship:
    environment: quick
    deploy:
      service: web
      version: "VERSION"
      command: [x]
      strategy: canary
      analysis: {tick: 0.1, min-dwell: 0.3, max-dwell: 20, on-inconclusive: promote, warm-up: 0}
"""


async def quick(address: str) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    platform = MemoryTarget()
    activities = on_memory(prepared(address, SCENE / "quick"), platform, MemorySource())
    async with Lab.on(address, SCENE / "quick", activities) as lab:
        platform.never_ready = {"3"}
        for version in ("1", "2", "3"):
            await lab.result(await lab.start(TEXT.replace("VERSION", version)))
        found = {"release-quick": "release/web/quick/2", "release-quick-unready": "release/web/quick/3"}
        return {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in found.items()}
