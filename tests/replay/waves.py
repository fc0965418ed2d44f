"""Releases over many clusters, for the replay tests: live, held by one that failed, taken back, and back by hand."""

from __future__ import annotations

from temporalio.client import WorkflowHandle

from activities.releases.metric_sources.memory import MemorySource
from tests.replay import SCENE
from tests.support.clustered import begun, registered, seen
from tests.support.fakes import Fleet, on_memory
from tests.support.lab import Lab, prepared
from workers.client import releases

NAMES = ["canary-eu", "eu-1", "us-1"]


async def waved(address: str) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    fleet = Fleet()
    activities = on_memory(prepared(address, SCENE / "waves"), fleet, MemorySource())
    async with Lab.on(address, SCENE / "waves", activities) as lab:
        registered(lab, "world", NAMES)
        await lab.result(await begun(lab, "world", "1"))
        fleet.clusters["eu-1"].never_ready = {"2"}
        held = await begun(lab, "world", "2")
        await seen(lab, "release/web/world/2", "eu-1", "back")
        await releases.steer(lab.engine, "release/web/world/2", "promote", "without it")
        await lab.result(held)
        fleet.clusters["us-1"].stuck = {"3"}
        aborted = await begun(lab, "world", "3")
        await seen(lab, "release/web/world/3", "us-1", "releasing")
        await releases.steer(lab.engine, "release/web/world/3", "pause", "")
        await releases.steer(lab.engine, "release/web/world/3", "resume", "")
        await releases.steer(lab.engine, "release/web/world/3", "abort", "not today")
        await lab.result(aborted)
        back = await releases.rollback(lab.engine, "world", "web")
        await lab.engine.client.get_workflow_handle(back).result()
        found = {
            "waves-live": "release/web/world/1",
            "waves-held": "release/web/world/2",
            "waves-aborted": "release/web/world/3",
            "waves-back-by-hand": back,
            "waves-part": "release/web/world@eu-1/1",
            "waves-environment": "environment/world",
        }
        return {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in found.items()}
