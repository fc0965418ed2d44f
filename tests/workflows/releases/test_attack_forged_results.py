"""A worker of somebody else's answers for the engine, and nothing follows from what it says."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError

from activities.jobs.port import JobInput
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from domain.approvals.request import Decision, VerifiedIdentity
from domain.core import ids
from domain.jobs.result import JobResult, Status
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from tests.support.fakes import on_memory
from tests.support.lab import Lab, prepared
from tests.support.profile import first_of
from workers.client import approvals, runs
from workflows.releases.environment import EnvironmentWorkflow
from workflows.releases.messages import EnvironmentState, ReleaseInput
from workflows.releases.release import ReleaseWorkflow

SHIP = """jobs:
  ok: {environment: ENV, approval: {groups: [managers]}}
  migrate: {needs: ok, run: echo migrated}
  ship:
    needs: ok
    environment: ENV
    deploy: {service: web, command: [x]}
"""
GATED = """jobs:
  check: {gate: {scans: [look]}, needs: look}
  look: {scan: {tools: [bandit]}}
  ship: {needs: check, environment: ENV, deploy: {service: web, command: [x]}}
"""


@activity.defn(name="check-decision")
async def believe(decision: Decision) -> VerifiedIdentity:
    """What a foreign worker says of any signature."""
    return VerifiedIdentity(True, ("managers",), (), True)


@activity.defn(name="gate")
async def wave_through(input: JobInput) -> JobResult:
    """What a foreign worker says of any findings."""
    return JobResult(Status.PASSED, "0 findings counted in 1 scans, none of them blocks")


@pytest.fixture(params=first_of("lies", "honest"))
async def engine(
    request: pytest.FixtureRequest, temporal_address: str, tmp_path: Path
) -> AsyncIterator[tuple[Lab, MemoryTarget, bool]]:
    platform, lies = MemoryTarget(), request.param == "lies"
    activities = on_memory(prepared(temporal_address, tmp_path), platform, MemorySource())
    if lies:
        activities = [one for one in activities if one.__name__ not in ("check_decision", "gate")]
        activities += [believe, wave_through]
    async with Lab.on(temporal_address, tmp_path, activities) as lab:
        lab.identity("lead", "managers")
        yield lab, platform, lies


def name_of(lab: Lab) -> str:
    """The tests share a server: each has its own environment."""
    return f"forged-{zlib.crc32(str(lab.settings.home).encode()):x}"


async def test_an_approval_that_was_only_said_to_be_granted_ships_and_runs_nothing(engine):
    lab, platform, lies = engine
    run = await lab.start(SHIP.replace("ENV", name_of(lab)))
    job = await lab.until_asked(run)
    decision = await approvals.sign(lab.engine, run, job, "lead", True, "", lab.settings.keys)
    if lies:
        decision = Decision(
            approver="lead", approve=True, binding=decision.binding, expires_at=decision.expires_at, signature="x"
        )
    assert (await approvals.decide(lab.engine, run, job, decision)).counted
    result = await lab.result(run)
    migrated = next(one for one in (await runs.view(lab.engine, run)).jobs if one.id == "migrate")

    if lies:
        assert ("SLW013" in result.reason, platform.actions, migrated.status == "passed") == (True, [], False)
    else:
        assert (result.status, bool(platform.actions), migrated.status) == ("passed", True, "passed")


async def test_a_gate_that_was_only_said_to_have_passed_ships_nothing(engine):
    lab, platform, lies = engine
    run = await lab.start(GATED.replace("ENV", name_of(lab)), {"a.py": "print(1)\n"})
    result = await lab.result(run)

    if lies:
        assert ("SLW014" in result.reason, platform.actions) == (True, [])
    else:
        assert (result.status, bool(platform.actions)) == ("passed", True)


async def test_a_release_that_somebody_starts_himself_starts_nothing(engine):
    lab, platform, _ = engine
    name = name_of(lab)
    evil = Deployment(
        service="web", environment=name, instance="r666", spec=DeploySpec(service="web", command=("sh", "-c", "id"))
    )
    given = ReleaseInput(run="run/shop/1", number=666, deployment=evil, pipeline="shop")
    started = await lab.engine.client.start_workflow(
        ReleaseWorkflow.run,
        given,
        id=ids.release_id("web", name, 666),
        task_queue=lab.engine.queue,
    )
    await lab.engine.client.start_workflow(
        EnvironmentWorkflow.run, EnvironmentState(name=name), id=ids.environment_id(name), task_queue=lab.engine.queue
    )
    with pytest.raises(WorkflowFailureError):
        await started.result()
    ended = await started.query(ReleaseWorkflow.result)

    assert ended is not None
    assert ("SLW011" in ended.reason, platform.actions) == (True, [])
