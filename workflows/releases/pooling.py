"""Judges the clusters of a release together while they are under way; the parts judge each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.releases.port import LIMIT_S
from activities.releases.waves.port import PoolActivities, Pooled, PoolInput
from domain.releases.deploy_spec import DeploySpec
from domain.releases.judge import told as record
from domain.releases.waves.progress import Progress, Standing
from workflows.core import activity_options as options
from workflows.core.failures import cause_of, was_cancelled
from workflows.releases.messages import EvidenceView
from workflows.releases.parts import Parts


class Pooling:
    """One look at a time at all clusters that have begun; it begins again when one more has, or one has ended."""

    def __init__(
        self, spec: DeploySpec, progress: Progress, parts: Parts, told: Callable[[str], None], *, proves: bool = True
    ) -> None:
        """`told`: called with why all must go back, or empty when there is other news.

        `proves`: whether what all have proven holds for each: they run the same version.
        """
        self._spec, self._progress, self._parts, self._told = spec, progress, parts, told
        self._proves = proves
        self._known: dict[str, tuple[float, ...]] = {}
        """Cluster to what its release was told to be proven."""
        self._asked: PoolInput | None = None
        self._looking: asyncio.Task[None] | None = None
        self.seen = Pooled()

    @property
    def evidence(self) -> tuple[EvidenceView, ...]:
        """Of each metric over all clusters; empty before the first look has ended."""
        return tuple(
            EvidenceView(one.metric, one.evidence, one.threshold, one.canary, one.stable) for one in self.seen.metrics
        )

    @property
    def shown(self) -> record.Pooled | None:
        """For the release's record; None: nothing was seen."""
        seen = self.seen
        metrics = [
            record.Told(
                metric=one.metric, evidence=one.evidence, threshold=one.threshold, new=one.canary, stable=one.stable
            )
            for one in seen.metrics
        ]
        if not metrics:
            return None
        return record.Pooled(
            worse=seen.worse, rounds=seen.rounds, proved=seen.proved, metrics=tuple(metrics), ticks=seen.digests
        )

    async def follow(self, aborted: Callable[[], bool]) -> None:
        """Looks at those that have begun by now; at none when the release is not judged, or has only one cluster.

        Returns at once; when all have ended, after a last look (what comes next depends on it) or once `aborted`.
        """
        asked = self._question()
        if asked == self._asked:
            return
        await self.end()
        self._asked = asked
        if asked is not None:
            self._looking = looking = asyncio.create_task(self._look(asked))
            if len(asked.ended) == len(asked.parts):
                await workflow.wait_condition(lambda: looking.done() or aborted())

    async def end(self) -> None:
        """Ends the look that is under way; it may end by itself at that moment, and must not be begun again."""
        self._asked = None
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    def _question(self) -> PoolInput | None:
        rollout, states = self._spec.rollout, self._progress.clusters
        begun = {name: one.release for name, one in states.items() if one.release}
        busy = [name for name in begun if states[name].standing is Standing.RELEASING]
        judged = rollout.judged and self._spec.strategy != "recreate"
        if not judged or len(begun) < 2 or self._progress.returning:
            return None
        ended = tuple(name for name in begun if name not in busy)
        return PoolInput(
            policy=rollout.policy,
            clusters=len(self._progress.plan.clusters),
            parts=begun,
            ended=ended,
            called="clusters" if self._proves else "services",
        )

    async def _look(self, question: PoolInput) -> None:
        asked = question
        while not self.seen.worse and self._asked is question:
            await self._tell(asked)
            if self._asked is not question:  # a message that had gone out takes the cancel for its own
                return
            asked = replace(asked, proved=self.seen.proved, doubted=bool(self.seen.doubt))
            words = f"{len(asked.parts)} clusters together"
            try:
                self.seen = await workflow.execute_activity_method(
                    PoolActivities.observe_pool, asked, **options.observe(LIMIT_S, words)
                )
            except ActivityError as failed:
                if was_cancelled(failed):
                    return
                workflow.logger.warning("%s cannot be judged: %s", words, cause_of(failed))
                return
            self._progress.doubted(self.seen.doubt, workflow.time())
            self._told(self.seen.reason)
            if len(asked.ended) == len(asked.parts):
                return

    async def _tell(self, asked: PoolInput) -> None:
        """What all have proven together, to those that are under way and do not know it."""
        for cluster in asked.parts if self._proves else ():
            if cluster in asked.ended or self._known.get(cluster, ()) == self.seen.proved:
                continue
            if await self._parts.tell(cluster, "proved", list(self.seen.proved)):
                self._known[cluster] = self.seen.proved
