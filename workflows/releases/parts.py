"""The parts of a whole: releases of their own, which the whole begins, tells, and hears of."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import FailureError

from domain.releases.actions import ReleaseResult
from domain.releases.waves.progress import Progress, Standing
from workflows.releases.messages import ApprovalGiven
from workflows.releases.story import Story


class Parts:
    """Where each part stands, by its name."""

    def __init__(self, progress: Progress, story: Story) -> None:
        self._progress, self._story = progress, story
        self._me = workflow.info().workflow_id
        self._tasks: set[asyncio.Task[object]] = set()
        self.moves = 0
        """Increases with every change of a part."""
        self.percent: dict[str, float] = {}
        self.results: dict[str, ReleaseResult] = {}
        """Told by parts that were cancelled: they have no result."""
        self.address = ""

    def weigh(self, part: str, percent: float) -> None:
        """A part has told of its share of the traffic."""
        self.percent[part] = percent

    async def tell(self, part: str, verb: str, what: str | list[float] | ApprovalGiven) -> bool:
        """A message to the release of one part; one that has ended by now needs none. Returns whether it came."""
        try:
            await workflow.get_external_workflow_handle(self._progress.of(part).release).signal(verb, what)
        except FailureError as gone:
            workflow.logger.info("%s of %s: %s", verb, part, gone)
            return False
        return True

    def tell_all(self, verb: str, why: str) -> None:
        """A command to every release that is under way."""
        for part, state in self._progress.clusters.items():
            if state.standing is Standing.RELEASING and state.release:
                self._start(self.tell(part, verb, why))

    def _start(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _put(self, part: str, standing: Standing, reason: str = "", *, proven: bool = False) -> None:
        before = self._progress.of(part)
        self._progress.clusters[part] = replace(
            before, standing=standing, since=workflow.time(), reason=reason[:500], proven=proven
        )
        self.moves += 1
        if standing is not before.standing:
            self._story.tell(f"{part} {standing}", reason[:500])
