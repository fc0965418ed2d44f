"""Runs that are under way survive a release of the engine: committed histories are replayed by today's code."""

import json
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from activities.triggers.port import ScheduledDelivery
from workers.core import conversion
from workers.worker import temporal
from workflows.triggers.scheduled import ScheduledWorkflow

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def test_every_workflow_has_a_history() -> None:
    kinds = {
        event["workflowExecutionStartedEventAttributes"]["workflowType"]["name"]
        for file in HISTORIES
        for event in json.loads(file.read_text())["history"]["events"][:1]
    }

    assert kinds == {getattr(workflow, "__temporal_workflow_definition").name for workflow in temporal.WORKFLOWS}


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_committed_history_is_replayed(file: Path) -> None:
    document = json.loads(file.read_text())
    history = WorkflowHistory.from_json(document["id"], document["history"])
    replayer = Replayer(
        workflows=temporal.WORKFLOWS, workflow_runner=temporal.runner(), data_converter=conversion.CONVERTER
    )

    await replayer.replay_workflow(history)


@workflow.defn(name="Scheduled", sandboxed=False)
class Changed:
    @workflow.run
    async def run(self, input: ScheduledDelivery) -> str:
        await workflow.sleep(1)
        return await ScheduledWorkflow().run(input)


async def test_a_command_more_without_a_patch_is_found() -> None:
    """What keeps this suite honest: the check fails when it should."""

    document = json.loads(next(file for file in HISTORIES if file.stem == "scheduled").read_text())
    history = WorkflowHistory.from_json(document["id"], document["history"])
    replayer = Replayer(workflows=[Changed], data_converter=conversion.CONVERTER)
    with pytest.raises(workflow.NondeterminismError):
        await replayer.replay_workflow(history)
