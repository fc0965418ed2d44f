"""Numbers go on from the records: a new Temporal has forgotten them, and would merge two runs into one row."""

from dataclasses import replace

import pytest

from activities.runs.run_store import RunStart
from domain.core import ids
from domain.core.errors import SluicewayError
from domain.core.sequences import IdempotentCounter
from tests.support.lab import Lab

START = RunStart(
    id="run/shop/1", pipeline="shop", number=1, attempt=1, commit_id="c1", plan="p1", event="{}", source="{}", path="p"
)


async def test_a_new_temporal_with_old_records_numbers_runs_from_what_they_know(lab: Lab):
    first = await lab.start("jobs:\n  a: {run: 'true'}\n", name="numbers-of-runs")
    before = (await lab.result(first), lab.recorded(first))[1]
    await lab.engine.client.get_workflow_handle(ids.pipeline_id("numbers-of-runs")).terminate("all is forgotten")
    second = await lab.start("jobs:\n  a: {run: 'true'}\n", name="numbers-of-runs")
    await lab.result(second)

    assert (first, second) == ("run/numbers-of-runs/1", "run/numbers-of-runs/2")
    assert lab.recorded(first) == before


def test_a_number_is_above_those_that_are_taken_and_a_known_delivery_keeps_its_own() -> None:
    counter = IdempotentCounter()

    assert [counter.next("a", 7), counter.next("a", 9), counter.next("b", 3)] == [8, 8, 9]


async def test_a_row_of_another_run_is_never_taken_over(lab: Lab):
    store = lab.records.runs
    store.start(START)
    store.start(START)  # asked again
    with pytest.raises(SluicewayError, match="SLW919"):
        store.start(replace(START, commit_id="c2"))
    store.end(START.id, "passed", "", "", "", 1.0)
    with pytest.raises(SluicewayError, match="SLW919"):
        store.start(START)

    found = store.get(START.id)
    assert found is not None
    assert (found["commit_id"], found["status"]) == ("c1", "passed")
