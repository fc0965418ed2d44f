"""A rehearsed run does what a real one does: the same events in the same order, apart from times."""

from collections import Counter
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType

from activities.core import serialization as serial
from domain.jobs.result import JobResult
from pipeline_defs.documents import check
from pipeline_defs.simulation.model import Case, Expect, Given, GivenEvent, MockJob
from tests.support.lab import Lab
from tests.support.profile import first_of
from tests.workflows.runs.test_examples import EXAMPLES
from workers.simulation.environment import SimulationEnvironment

FILES = [path for path in sorted(EXAMPLES.glob("*.yaml")) if path.stem[:2] < "13" and ".test." not in path.name]
COMPARED = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "schedules",
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "completes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED: "cancels",
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: "starts",
    EventType.EVENT_TYPE_MARKER_RECORDED: "notes",
    EventType.EVENT_TYPE_TIMER_STARTED: "waits",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "ends",
}


@pytest.fixture
async def stage(tmp_path):
    async with SimulationEnvironment.open(tmp_path / "stage") as made:
        yield made


@pytest.mark.parametrize("file", first_of(*FILES), ids=lambda file: file.stem)
async def test_a_rehearsed_example_has_the_events_of_a_real_one(
    lab: Lab, stage: SimulationEnvironment, file: Path, monkeypatch
):
    lab.secret("example-token", "an-example-token")
    used = {
        str(path.relative_to(EXAMPLES)): path.read_text()
        for path in EXAMPLES.rglob("*")
        if path.suffix in (".yaml", ".py", ".txt") and path.parent != EXAMPLES
    }
    repo = lab.repo({**used, "sluiceway.yaml": file.read_text()})
    name = next(line.split()[1] for line in file.read_text().splitlines() if line.startswith("name:"))
    # the example itself is a pipeline of another test
    real = (await lab.deliver(repo, f"parity-{name}", compared=False)).run
    await lab.result(real)

    mocks: dict[str, MockJob] = {}
    for row in sorted(lab.records.runs.jobs(real), key=lambda row: row["attempt"]):
        before = mocks.get(row["job"], MockJob()).attempts
        mocks[row["job"]] = MockJob(attempts=[*before, _as_it_was(serial.load(JobResult, row["result"]))])
    case = Case(name="as it was", given=Given(event=GivenEvent(branch="")), expect=Expect())
    case = case.model_copy(update={"mocks": case.mocks.model_copy(update={"jobs": mocks})})
    files = {key: text.encode() for key, text in used.items()}
    await stage.play(check(file.read_bytes(), "sluiceway.yaml", files.get), case)
    rehearsed = f"run/{name}/{stage.number}"

    assert await _events(stage.client, rehearsed) == await _events(lab.engine.client, real)


def _as_it_was(result: JobResult) -> MockJob:
    return MockJob(outputs=result.outputs, exit=result.exit_code)


async def _events(client, run: str) -> tuple[Counter[str], list[str]]:
    """All that happened; and what was scheduled, in order (jobs side by side end as they like)."""
    history = await client.get_workflow_handle(run).fetch_history()
    names: dict[int, str] = {}
    found: list[str] = []
    for event in history.events:
        if event.event_type not in COMPARED:
            continue
        scheduled = event.activity_task_scheduled_event_attributes.activity_type.name
        summary = event.user_metadata.summary.data.decode()
        names[event.event_id] = f"{scheduled} {summary}"
        of = event.activity_task_completed_event_attributes.scheduled_event_id
        found.append(f"{COMPARED[event.event_type]} {names.get(of) or names[event.event_id]}".strip())
    return Counter(found), sorted(one for one in found if one.startswith("schedules run-job"))
