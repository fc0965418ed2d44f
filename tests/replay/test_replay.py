"""Runs that are under way survive a release of the engine: committed histories are replayed by today's code."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from workers import temporal

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def test_every_workflow_has_a_history():
    kinds = {
        event["workflowExecutionStartedEventAttributes"]["workflowType"]["name"]
        for file in HISTORIES
        for event in json.loads(file.read_text())["history"]["events"][:1]
    }

    assert kinds == {getattr(workflow, "__temporal_workflow_definition").name for workflow in temporal.WORKFLOWS}


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_committed_history_is_replayed(file: Path):
    document = json.loads(file.read_text())
    history = WorkflowHistory.from_json(document["id"], document["history"])
    replayer = Replayer(
        workflows=temporal.WORKFLOWS, workflow_runner=temporal.runner(), data_converter=temporal.CONVERTER
    )

    await replayer.replay_workflow(history)
