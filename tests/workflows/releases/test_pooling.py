"""A look at all parts of a release ends when it is told to, whatever it does at that moment."""

import asyncio

from temporalio import workflow

from activities.releases.waves.port import Pooled
from domain.releases.deploy_spec import DeploySpec
from domain.releases.waves.plan import Wave, WavePlan
from domain.releases.waves.progress import ClusterState, Progress, Standing
from workflows.releases.parts import Parts
from workflows.releases.pooling import Pooling


class TakesTheCancel(Parts):
    """Parts to which a message had gone out: the cancel ends the message, and nothing else."""

    def __init__(self) -> None:
        self.telling = asyncio.Event()

    async def tell(self, part: str, verb: str, what: object) -> bool:
        if self.telling.is_set():
            return True
        self.telling.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return False
        return True


async def test_a_message_that_takes_the_cancel_for_its_own_begins_no_further_look(monkeypatch):
    looks = []

    async def look(*asked, **options):
        looks.append(asked)
        await asyncio.Event().wait()

    monkeypatch.setattr(workflow, "execute_activity_method", look)
    releasing = {name: ClusterState(standing=Standing.RELEASING, release=name) for name in "ab"}
    progress = Progress(plan=WavePlan(waves=(Wave(clusters=("a", "b")),)), clusters=releasing)
    parts = TakesTheCancel()
    pooling = Pooling(DeploySpec(service="web", version="2", strategy="canary"), progress, parts, lambda worse: None)
    pooling.seen = Pooled(proved=(1.0,))
    await pooling.follow(lambda: False)
    await parts.telling.wait()
    await asyncio.wait_for(pooling.end(), 120)

    assert looks == []
