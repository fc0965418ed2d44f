"""Dry run: everything mocked, everybody approves."""

from __future__ import annotations

import tempfile
from pathlib import Path

from domain.approvals.spec import ApprovalSpec
from domain.pipelines.plan import Plan
from domain.simulation.expectations import Observed
from pipeline_defs.core.checked import Checked
from pipeline_defs.pipelines.compile import compile_plan
from pipeline_defs.simulation.model import Case, Expect, Given, MockDecision
from workers.simulation.environment import SimulationEnvironment
from workers.simulation.stand_ins import event_of


async def dry_run(checked: Checked, params: dict[str, str | int | float | bool]) -> Observed:
    """Simulates the pipeline.

    Raises:
        InvalidDefinitionError, DefinitionError: the pipeline cannot be planned.
    """
    given = Given(params=params)
    plan = compile_plan(checked, event_of(given))
    case = Case(name="dry", given=given, decisions=agreeing(plan), expect=Expect())
    with tempfile.TemporaryDirectory() as folder:
        async with SimulationEnvironment.open(Path(folder)) as stage:
            return await stage.play(checked, case)


def agreeing(plan: Plan) -> list[MockDecision]:
    """As many allowed approvers as every approval requires."""
    found: list[MockDecision] = []
    for job in plan.jobs:
        if job.approval is not None:
            found += _agree(job.id, job.approval)
        for step in job.deploy.rollout.approvals if job.deploy is not None else ():
            found += _agree(step.name, step)
    return found


def _agree(name: str, spec: ApprovalSpec) -> list[MockDecision]:
    quorum = max([spec.quorum, *spec.per_group.values()])
    people = [*spec.users, *(f"approver-{number}" for number in range(1, quorum + 1))]
    return [
        MockDecision(job=name, by=person, groups=list(spec.groups), roles=list(spec.roles))
        for person in people[:quorum]
    ]
