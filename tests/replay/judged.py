"""Releases by every strategy, for the replay tests: paused, approved, rolled back, and the version before brought back."""

from __future__ import annotations

from activities.releases.metric_sources.memory import MemorySource
from tests.support.lab import Lab, until
from workers.client import approvals, releases

SHIP = """jobs:
  ship:
    environment: staging
    deploy:
      service: web
      version: "VERSION"
      command: [x]
      strategy: STRATEGY
      instances: 2
      analysis: {tick: 0.1, min-dwell: 0.3, max-dwell: 20, on-inconclusive: promote, warm-up: 0, first-weight: 20, steps: [50]}
      EXTRA
"""


async def judged(lab: Lab, source: MemorySource) -> dict[str, str]:
    """The ids by the names of their histories; the version before is brought back while it is warm."""

    async def ship(version: str, strategy: str, extra: str = "") -> str:
        text = SHIP.replace("VERSION", version).replace("STRATEGY", strategy).replace("EXTRA", extra)
        return await lab.start(text)

    async def waits(release: str, what: str) -> None:
        async def there() -> bool:
            view = await releases.view(lab.engine, release)
            return what in view.approvals or any(what in event.what for event in view.story)

        await until(there)

    source.error_rate = {"bad": 0.2}
    await lab.result(await ship("1", "canary"))
    run = await ship("2", "canary", "approvals: [{before: promotion, users: [one]}]")
    canary = "release/web/staging/2"
    await waits(canary, "watch")
    await releases.steer(lab.engine, canary, "pause", "lunch")
    await releases.steer(lab.engine, canary, "resume", "")
    await waits(canary, "promotion")
    # the story tells of the question a moment before the question can be answered
    decision = await until(lambda: approvals.sign(lab.engine, canary, "promotion", "one", True, "", lab.settings.keys))
    await approvals.decide(lab.engine, canary, "promotion", decision)
    await lab.result(run)
    await lab.result(await ship("bad", "canary"))
    await lab.result(await ship("4", "blue-green"))
    await lab.result(await ship("5", "rolling", "rolling: {batch: 1}"))
    await lab.result(await ship("6", "blue-green"))
    back = await releases.rollback(lab.engine, "staging", "web")
    await lab.engine.client.get_workflow_handle(back).result()
    return {
        "release-canary-approved": canary,
        "release-canary-rolled-back": "release/web/staging/3",
        "release-blue-green": "release/web/staging/4",
        "release-rolling": "release/web/staging/5",
        "release-switched-back": back,
        "environment-warm": "environment/staging",
    }
