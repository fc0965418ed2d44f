"""Whoever has the token of a cluster's worker does not fill the server with questions that wait."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse

from domain.core.errors import RefusedError
from workers.client.on_engine.dial_outs.relay import MOST_ASKING, TemporalRelay
from workers.core.keyring import Keyring


class Waiting(TemporalRelay):
    """Nothing comes until it is told to."""

    def __init__(self, home: Path) -> None:
        super().__init__(_parts(), Keyring.of_home(home))
        self.over = asyncio.Event()

    async def _polled(self, engine: Any, cluster: str, queue: str) -> PollActivityTaskQueueResponse:
        await self.over.wait()
        return PollActivityTaskQueueResponse()


def _parts() -> Any:  # only the engine is asked for
    async def engine() -> object:
        return SimpleNamespace(queue="q")

    return SimpleNamespace(engine=engine)


async def test_a_cluster_has_so_many_questions_that_wait_and_no_other_cluster_less(tmp_path: Path) -> None:
    relay = Waiting(tmp_path)
    asking = [asyncio.ensure_future(relay.task("far")) for _ in range(MOST_ASKING)]
    await asyncio.sleep(0)
    with pytest.raises(RefusedError) as refused:
        await relay.task("far")
    other = asyncio.ensure_future(relay.task("other"))
    relay.over.set()
    assert await asyncio.gather(*asking, other) == [None] * (MOST_ASKING + 1)
    assert refused.value.code == "SLW455"
    assert await relay.task("far") is None
