"""A run that was started is there for whoever asks for it next, though its worker records it a moment later."""

from __future__ import annotations

from typing import cast

import pytest

from domain.core.errors import SluicewayError
from workers.client.ports.runs import RunDetails, Runs
from workers.views.run_progress import recorded


class SlowlyRecorded:
    """Runs whose record comes after so many looks."""

    def __init__(self, looks: float) -> None:
        self.left = looks

    async def show(self, run: str) -> RunDetails:
        """Raises SLW911 until then."""
        self.left -= 1
        if self.left >= 0:
            raise SluicewayError("SLW911", f"no record of {run}")
        return cast(RunDetails, None)


async def test_a_run_that_was_started_is_waited_for_until_its_record_is_there():
    runs = SlowlyRecorded(2)
    await recorded(cast(Runs, runs), "shop/1")
    assert runs.left == -1


async def test_without_a_worker_the_wait_for_a_record_has_an_end():
    await recorded(cast(Runs, SlowlyRecorded(float("inf"))), "shop/1", limit_s=0)


async def test_another_error_of_a_started_run_is_told():
    class Refusing:
        async def show(self, run: str) -> RunDetails:
            raise SluicewayError("SLW410", "refused")

    with pytest.raises(SluicewayError, match="refused"):
        await recorded(cast(Runs, Refusing()), "shop/1")
