"""Deliveries: events of a repository, compiled into a plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from temporalio import activity

from activities.authority.port import Permits, PlanStatement
from activities.core.errors import as_failure, permanent, temporary
from activities.pipelines.plan_store import store_plan
from activities.source import git
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from activities.triggers import port
from activities.triggers.port import DefinitionReader, DefinitionResult
from domain.approvals import registration
from domain.approvals.request import EnvironmentRule
from domain.core.errors import DefinitionError, SluicewayError
from domain.pipelines.plan import Plan
from domain.pipelines.plan_ref import PlanRef
from domain.pipelines.reference import GitReference, git_reference
from domain.policy import refusals
from domain.policy.before import with_gates_before
from domain.policy.policy import PolicyFor, Push
from domain.runs.change_people import people_of
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.repository_name import repository_name
from domain.triggers.source import SourceRef

FETCH_ATTEMPTS = 8
"""About half a minute, with the pauses of a local activity."""


class DeliveryActivities(port.DeliveryActivities):
    """Reads from mirrors, never from the working copy; also the files that a definition uses."""

    def __init__(
        self,
        store: Store,
        mirrors: Mirrors,
        reader: DefinitionReader,
        permits: Permits,
        taken: Callable[[str], int] = lambda pipeline: 0,
        policies: Callable[[Push], PolicyFor] = PolicyFor,
        rule: Callable[[str], EnvironmentRule] = lambda name: EnvironmentRule(name=name),
    ) -> None:
        """`taken`: pipeline to its last recorded number. `policies`: of a push; `rule`: of an environment."""
        self._store, self._mirrors, self._reader, self._taken = store, mirrors, reader, taken
        self._permits = permits
        self._policies = policies
        self._rule = rule

    @activity.defn(name="read-definition")
    async def read_definition(self, delivery: Delivery) -> DefinitionResult:
        """Reads the definition at the delivery's commit, even if the branch has moved."""
        try:
            found = await asyncio.to_thread(self.read, delivery)
            if found.plan.digest:
                await asyncio.to_thread(self._permits.plan, statement(delivery, found.plan.digest))
            taken = await asyncio.to_thread(self._taken, delivery.pipeline)
            return replace(found, taken=taken)
        except SluicewayError as broken:
            raise (temporary if _passing(broken) else permanent)(broken.code, str(broken)) from broken

    def read(self, delivery: Delivery) -> DefinitionResult:
        """From the delivery's exact commit. Reports at most 50 problems.

        What a policy refuses is a problem like an error of the definition: the run fails with it, and people see it.
        """
        held = self._policies(refusals.push_of(delivery.pipeline, delivery.event, delivery.source))
        if refused := tuple(f"{delivery.path}: {why}" for why in refusals.of_push(held)):
            return DefinitionResult(True, "refused by a policy", problems=refused)
        mirror = self._mirrors.fetch(delivery.source.repo, delivery.source.commit)

        read_file = partial(self._file, mirror, delivery.source.commit, held)
        data = read_file(delivery.path)
        if data is None:
            problem = f"{delivery.path}: error SLW601: commit {delivery.source.commit[:12]} has no such file"
            return DefinitionResult(True, "the definition is missing", problems=(problem,))
        found = self._reader.read(data, delivery.path, delivery.event, read_file)
        if found.plan and (refused := tuple(f"{delivery.path}: {why}" for why in refusals.of_plan(held, found.plan))):
            return DefinitionResult(True, "refused by a policy", problems=refused[:50])
        if found.plan:
            found = replace(found, plan=self._with_gates_before(delivery, mirror, held, found.plan))
        if found.plan:
            named = dict.fromkeys(job.environment for job in found.plan.jobs if job.environment)
            told = registration.notices(self._rule(name) for name in named)
            found = replace(found, reason="; ".join((found.reason, *told)))
        plan = store_plan(self._store, found.plan) if found.plan else PlanRef()
        return DefinitionResult(found.starts, found.reason, plan, found.problems[:50])

    def _file(self, mirror: Path, commit: str, held: PolicyFor, path: str) -> bytes | None:
        named = git_reference(path)
        return self._used(named, held) if named else git.read_file(mirror, commit, path)

    def _with_gates_before(self, delivery: Delivery, mirror: Path, held: PolicyFor, plan: Plan) -> Plan:
        """Gates as they were before the push; of a branch that is not the default one: as they are on that one."""
        event = delivery.event
        if event.kind not in (EventKind.PUSH, EventKind.PULL_REQUEST) or not any(job.gate for job in plan.jobs):
            return plan
        try:
            default = git.default_branch(event.repo)
            commit = event.base
            if event.kind is EventKind.PULL_REQUEST or event.tag or event.branch != default:
                commit = git.resolve(mirror, f"refs/heads/{default}") if default else ""
            data = git.read_file(mirror, commit, delivery.path) if commit.strip("0") else None
        except SluicewayError as broken:
            if broken.transient:
                raise
            return plan
        if data is None:
            return plan
        before = self._reader.read(data, delivery.path, event, partial(self._file, mirror, commit, held)).plan
        return with_gates_before(plan, before, commit) if before else plan

    def _used(self, named: GitReference, held: PolicyFor) -> bytes | None:
        """Retries a network error before it becomes a problem of the definition.

        Raises:
            DefinitionError: SLW053, a policy does not allow files of that repository.
        """
        if refused := refusals.of_use(held, named.url):
            raise DefinitionError("SLW053", refused)
        try:
            return self._mirrors.read(named)
        except SluicewayError as broken:
            if _passing(broken):
                raise temporary(broken.code, str(broken)) from broken
            raise

    @activity.defn(name="load-plan-page")
    async def load_page(self, digest: str) -> str:
        """The page's JSON from the store."""
        try:
            return (await asyncio.to_thread(self._store.get, digest)).decode()
        except SluicewayError as broken:
            raise as_failure(broken) from broken


def statement(delivery: Delivery, plan: str, run: str = "") -> PlanStatement:
    """What the signer is told of a plan that was read. `run`: whose it is, where that is known already."""
    event = delivery.event
    return PlanStatement(
        pipeline=delivery.pipeline,
        plan=plan,
        delivery=delivery.id,
        run=run,
        repo=event.repo,
        commit=event.commit,
        source=delivery.source,
        event=str(event.kind),
        branch=event.branch,
        tag=event.tag,
        people=people_of(event, delivery.source),
        fork=_is_fork(event, delivery.source),
    )


def _is_fork(event: Event, source: SourceRef) -> bool:
    """Whoever may push to the repository itself is no stranger."""
    if event.kind is not EventKind.PULL_REQUEST:
        return False
    return not event.own_branch or repository_name(source.repo) != repository_name(event.repo)


def _passing(broken: SluicewayError) -> bool:
    return broken.transient and activity.info().attempt < FETCH_ATTEMPTS
