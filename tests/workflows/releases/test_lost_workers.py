"""A worker that is gone while several services go as one is followed by another: nothing is moved twice, or too early.

tests/system/releases/test_killed_together.py kills real ones.
"""

from __future__ import annotations

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from tests.support.fakes import FastClock, on_memory
from tests.support.lab import GRACE_S, Lab, prepared, until
from tests.workflows.releases.test_held_releases import Calendars
from tests.workflows.releases.test_services_together import ORDER, first, live, of, text
from workers.client import releases
from workers.worker import temporal


async def test_another_worker_goes_on_forward_and_back_where_the_first_one_was(temporal_address, tmp_path):
    target, calendars = MemoryTarget(), Calendars()
    kept = on_memory(prepared(temporal_address, tmp_path), target, MemorySource(), FastClock())
    activities = [*(one for one in kept if one.__name__ != "window"), calendars.window]

    async with Lab.on(temporal_address, tmp_path, activities) as lab:
        await first(lab, "lost")
        target.actions.clear()
        target.stuck = {"2"}
        run = await lab.start(text("lost", "2", "2", "2"))
        await until(lambda: begun(target) == 3)
    target.stuck = set()

    def another() -> temporal.Workers:
        return temporal.worker(lab.engine.client, activities, lab.ring, lab.engine.queue, grace_s=GRACE_S, debug=True)

    async with another():
        assert (await lab.result(run)).status == "passed"
        assert of(target, lab, "lost", "shift") == [(name, percent) for percent in ("5", "50") for name in ORDER]
        target.actions.clear()
        target.stuck, calendars.closed = {"1"}, True
        asked = len(calendars.asked)
        whole = await releases.rollback(lab.engine, "lost", "shop")
        await until(lambda: begun(target) == 3)
    target.stuck = set()

    async with another():
        assert (await releases.outcome(lab.engine, whole)).verdict == "live"
        assert [name for name, *_ in of(target, lab, "lost", "route")] == ["web", "api", "db-proxy"]
        assert await live(lab, "lost") == dict.fromkeys(ORDER, "1")
        assert len(calendars.asked) == asked, "no window hinders what goes back"


def begun(target: MemoryTarget) -> int:
    return sum(one.startswith("start") for one in target.actions)
