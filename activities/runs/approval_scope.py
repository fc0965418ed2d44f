"""Keeps what approvals are bound to in the store, and reads it again before a deployment."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from temporalio import activity

from activities.core import serialization as serial
from activities.core.errors import as_failure
from activities.pipelines.plan_store import plan_jobs
from activities.runs import port
from activities.runs.port import DeployQuestion, ScopeQuestion
from activities.runs.run_store import RunStore
from activities.storage.port import Store
from domain.approvals import scope as bound
from domain.approvals.scope import SUBJECT, Scope
from domain.core.errors import SluicewayError
from domain.jobs.record import JobRecord
from domain.jobs.result import JobResult, Status
from domain.runs.approval_scope import bound_jobs


def read(store: Store, digest: str) -> Scope:
    """The scope of that digest, which the store verifies.

    Raises:
        SluicewayError: it is gone or forged, or the store is away.
        ValueError: it is no scope.
    """
    return serial.load(Scope, store.get(digest))


class ScopeActivities(port.ScopeActivities):
    """The document is stored before anybody is asked, so that everybody can read what they sign."""

    def __init__(self, store: Store, runs: RunStore) -> None:
        self._store, self._runs = store, runs

    @activity.defn(name="keep-scope")
    async def keep_scope(self, asked: ScopeQuestion) -> str:
        """Completes a scope with the jobs of the plan, stores it, and returns its digest."""
        try:
            return await asyncio.to_thread(self._keep, asked)
        except SluicewayError as broken:
            raise as_failure(broken) from broken

    def _keep(self, asked: ScopeQuestion) -> str:
        jobs = bound_jobs(plan_jobs(self._store, asked.plan), asked.group) if asked.plan else ()
        digest = self._store.put(bound.document(replace(asked.scope, jobs=jobs)))
        if asked.run:
            self._runs.record_job(_open(asked, digest))
        return digest

    @activity.defn(name="approval-covers")
    async def uncovered(self, asked: DeployQuestion) -> str:
        """Why no approval covers a deployment, with its code; empty: one does."""
        try:
            scopes = [await asyncio.to_thread(read, self._store, one) for one in asked.scopes]
        except SluicewayError as broken:
            raise as_failure(broken) from broken
        return bound.uncovered(scopes, asked.now)


def _open(asked: ScopeQuestion, digest: str) -> JobRecord:
    """The job as long as people are asked: the collector keeps what it refers to, and reports show it."""
    result = JobResult(Status.RUNNING, "waiting for people", attempt=asked.attempt, artifacts={SUBJECT: digest})
    return JobRecord(
        run=asked.run,
        job=asked.scope.job,
        attempt=asked.attempt,
        kind=asked.kind,
        stage=asked.stage,
        status=str(result.status),
        started_at=asked.at,
        ended_at=None,
        result=serial.dump(result).decode(),
    )
