"""Several services released as one, for the replay tests: live, taken back by one of them, paused and aborted, and back later."""

from __future__ import annotations

from temporalio.client import WorkflowHandle

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from tests.replay import SCENE
from tests.support.fakes import FastClock, on_memory
from tests.support.lab import Lab, prepared, until
from workers.client import releases

SERVICES = """jobs:
  ship:
    environment: pair
    deploy:
      service: shop
      strategy: canary
      command: [x]
      analysis: {tick: 0.1, min-dwell: 0.3, max-dwell: 1h, warm-up: 0, first-weight: 5, steps: [50]}
      services:
        web: {version: "WEB", needs: [api]}
        api: {version: "API"}
"""


async def together(address: str) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    target = MemoryTarget()
    activities = on_memory(prepared(address, SCENE / "together"), target, MemorySource(), FastClock())
    async with Lab.on(address, SCENE / "together", activities) as lab:

        async def ship(web: str, api: str) -> str:
            return await lab.start(SERVICES.replace("WEB", web).replace("API", api), name="pair")

        async def of(service: str, run: str) -> str:
            async def there() -> str:
                rows = lab.records.releases.latest()
                return next((one["id"] for one in rows if one["service"] == service and one["run"] == run), "")

            return await until(there)

        target.never_ready, target.stuck = {"bad"}, {"slow"}
        runs = [await ship("1", "1")]
        await lab.result(runs[0])
        for web, api in (("2", "2"), ("3", "bad")):
            runs.append(await ship(web, api))
            await lab.result(runs[-1])
        runs.append(await ship("slow", "4"))
        aborted = await of("shop", runs[-1])
        await of("web", runs[-1])
        for verb in ("pause", "resume", "abort"):
            await releases.steer(lab.engine, aborted, verb, "not today")
        await lab.result(runs[-1])
        back = await releases.rollback(lab.engine, "pair", "shop")
        await releases.outcome(lab.engine, back)
        found = {
            "together-first": await of("shop", runs[0]),
            "together-live": await of("shop", runs[1]),
            "together-part": await of("api", runs[1]),
            "together-run": runs[1],
            "together-back": await of("shop", runs[2]),
            "together-aborted": aborted,
            "together-environment": "environment/pair",
            "together-taken-back": back,
            "together-taken-back-part": await of("api", "by hand"),
            "together-taken-back-environment": "environment/pair",
        }
        return {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in found.items()}
