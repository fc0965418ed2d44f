"""What a cancel of a run stops: everything at once, or all but the jobs that clean up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from temporalio import workflow

from pipeline_defs.core import expressions
from workflows.runs.job_table import JobTable

ALWAYS_AFTER_CANCEL = "always-after-cancel"
"""Histories from before this patch ended every job at a cancel."""


class Cancellation:
    """The cancel of one run. Jobs with always() in their condition still run, until a second one."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        """The first one; empty: the run is not cancelled."""
        self.now = False
        """Whether the run ends at once."""
        self._stopped: set[str] = set()

    def ask(self, reason: str, *, now: bool) -> None:
        """The first reason is kept."""
        self.reason, self.now = self.reason or reason, self.now or now

    def kept(self, table: JobTable, tasks: Mapping[str, asyncio.Task[None]]) -> frozenset[str]:
        """Jobs that run, or wait, and go on; none before the first job began, since there is nothing to clean up."""
        if self.now or not table.views:
            return frozenset()
        open_ = [*(job.id for job in table.waiting), *(id_ for id_ in tasks if id_ not in self._stopped)]
        kept = frozenset(id_ for id_ in open_ if expressions.mentions_always(table.jobs[id_].when))
        return kept if kept and workflow.patched(ALWAYS_AFTER_CANCEL) else frozenset()

    def stops(self, tasks: Mapping[str, asyncio.Task[None]], kept: frozenset[str]) -> Iterator[asyncio.Task[None]]:
        """Tasks that are to be cancelled; each is told once."""
        for id_, task in tasks.items():
            if id_ not in kept and id_ not in self._stopped:
                self._stopped.add(id_)
                yield task
