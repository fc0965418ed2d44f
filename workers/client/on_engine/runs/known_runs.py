"""A run by its name, once the caller may do something with it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from activities.runs.run_lists import ListedRun, RunLists
from activities.runs.run_reader import RunReader
from domain.access.actions import Action
from domain.core import ids
from domain.core.errors import SluicewayError
from workers.client.guard import Guard, needed
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.runs.run_rows import resource_of
from workers.client.unseen import unseen

if TYPE_CHECKING:
    from domain.runs.record import RunRecord

MAX_ECHO = 200
"""Characters of a name that an error repeats."""


class KnownRuns:
    """What the parts of `Runs` share."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._parts, self._guard = parts, guard
        self._lists, self._reader = RunLists(parts.rows), RunReader(parts.rows)

    async def _known(self, run: str, action: Action) -> tuple[ListedRun, RunRecord]:
        """The run that is named, once the caller may do this with it.

        Raises:
            SluicewayError: SLW911, there is none that the caller may read.
            RefusedError: SLW410.
        """
        row, record = await self._find(run)
        async with self._seen(run, row):
            await needed(self._guard, action, resource_of(row))
        return row, record

    def _seen(self, run: str, row: ListedRun) -> AbstractAsyncContextManager[None]:
        """Around what is decided about a run that was asked for by this name."""
        return unseen(self._guard, Action.RUNS_READ, resource_of(row), _unknown(run))

    async def _find(self, run: str) -> tuple[ListedRun, RunRecord]:
        """Whoever asks: before a guard that also records.

        Raises:
            SluicewayError: SLW911, there is none.
        """
        return await self._parts.read(lambda: self._look(run))

    def _look(self, run: str) -> tuple[ListedRun, RunRecord]:
        try:
            pipeline, number, attempt = ids.split_run(run)
        except ValueError:
            raise _unknown(run) from None
        known = self._reader.attempts(pipeline, number) if number < 2**31 else []
        record = next((one for one in reversed(known) if attempt in (0, one["attempt"])), None)
        if record is None:
            raise _unknown(run)
        return self._lists.named([record["id"]])[record["id"]], record


def _unknown(run: str) -> SluicewayError:
    return SluicewayError("SLW911", f"no record of {run[:MAX_ECHO]}", fix="sluiceway runs")
