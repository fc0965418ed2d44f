"""Ended pods of a watched namespace: what their logs are kept as is told together with the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from temporalio.exceptions import ApplicationError

from activities.pods.keeping import Keeper
from activities.pods.port import NamespaceWatch, PodAt, Removed
from activities.pods.watch import PodApi
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.pods.manifest import FINALIZER, LOGS_BY_WATCH, WORKFLOW
from domain.pods.status import PodPhase, PodStatus

LOGS_S = 5.0
"""Longer logs are left to the pod's workflow, which any worker can serve."""
AT_ONCE = 4
MAX_DONE = 10_000
OF_ANOTHER = (409, 422)
"""What an API server answers to a change of one object where the name is another one's by now."""


@dataclass
class Ends:
    """Of one watch. A pod's end is held until its logs are kept and it is gone, or until that turns out to be slow."""

    api: PodApi
    what: NamespaceWatch
    keeper: Keeper
    _going: set[asyncio.Task[None]] = field(default_factory=set)
    _slots: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, AT_ONCE))

    def holds(self, found: Object, seen: PodStatus, tell: Callable[[PodStatus], None]) -> bool:
        """Whether `tell` is called later with this end."""
        is_ours = FINALIZER in Node(found).at("metadata", "finalizers").texts()
        if seen.phase not in (PodPhase.SUCCEEDED, PodPhase.FAILED) or not is_ours:
            return False
        if LOGS_BY_WATCH not in metadata.annotations(found):
            return False
        task = asyncio.create_task(self._end(found, seen, tell))
        self._going.add(task)
        task.add_done_callback(self._going.discard)
        return True

    async def _end(self, found: Object, seen: PodStatus, tell: Callable[[PodStatus], None]) -> None:
        try:
            async with self._slots:
                kept = await self._kept(self._at(found), found)
        except (SluicewayError, ApplicationError, TimeoutError):
            kept = None  # its workflow does it, with patience
        tell(replace(seen, removed=True, logs=kept.logs, gap=kept.gap) if kept else seen)

    def _at(self, found: Object) -> PodAt:
        workflow = metadata.annotations(found)[WORKFLOW]
        return PodAt(self.what.access, self.what.cluster, self.what.namespace, metadata.name(found), workflow)

    async def _kept(self, at: PodAt, found: Object) -> Removed | None:
        """None: nothing was removed here. What an earlier try kept, whose report was lost, is told again."""
        done, uid = self.keeper.done, metadata.uid(found)
        known = done.get(uid)
        async with asyncio.timeout(LOGS_S):
            kept = await asyncio.to_thread(self._logs, at, found) if known is None else known
        while len(done) >= MAX_DONE:
            del done[next(iter(done))]
        done[uid] = kept  # first: a try that ends in between tells it
        try:
            was_there = await asyncio.to_thread(self.keeper.release, self.api, at, found)
        except SluicewayError as refused:
            if refused.status not in OF_ANOTHER:
                raise
            was_there = False
        if not was_there and known is None:
            del done[uid]  # the event was old, and the logs may be somebody else's of the same name
            return None
        return kept

    def _logs(self, at: PodAt, found: Object) -> Removed:
        self.keeper.may_remove(at)
        return self.keeper.logs(self.api, at, found)

    def told(self, uid: str) -> None:
        """Its workflow knows."""
        self.keeper.done.pop(uid, None)
