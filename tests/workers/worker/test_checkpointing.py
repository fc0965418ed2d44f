"""The task of a worker that has the audit signed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from workers.worker import checkpointing
from workers.worker.checkpointing import Checkpointing


class Ended(BaseException):
    """The test has seen enough."""


async def test_a_database_that_is_away_for_a_moment_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def look(self: Checkpointing) -> None:
        nonlocal looks
        looks += 1
        if looks > 1:
            raise Ended
        raise OperationalError("select 1", {}, ConnectionError("away"))

    nothing: Any = None
    monkeypatch.setattr(Checkpointing, "look", look)
    monkeypatch.setattr(checkpointing, "LOOK_S", 0)
    with pytest.raises(Ended):
        await asyncio.wait_for(Checkpointing(nothing, nothing, nothing).watch(), 120)
