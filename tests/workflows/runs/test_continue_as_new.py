"""Long runs go on in a new execution with what they had; nothing runs twice, and little is carried."""

import json
import subprocess
import time

import pytest

from activities.jobs.logs import parse
from activities.supervisor.service import answers, free_port
from domain.jobs.result import Status, decode_statuses, encode_statuses
from domain.pipelines.plan_ref import PlanRef
from domain.triggers.events import Event, EventKind
from tests.support.lab import Lab
from tests.support.patience import patient
from tests.support.strict_converter import STRICT, TooBigError
from workers.engine import embedded as engine
from workflows.runs.messages import RunInput


@pytest.fixture(scope="module")
def short_histories(tmp_path_factory):
    """A real server that asks for a new execution after 60 events."""
    port, ui = free_port(), free_port()
    command = engine.server_command(port, ui, str(tmp_path_factory.mktemp("short") / "temporal.db"))
    command += ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=60"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + patient(60)
    while not answers(port, ""):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield f"127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.mark.system
async def test_a_long_run_goes_on_with_its_outputs_and_runs_nothing_twice(short_histories, tmp_path):
    text = "jobs:\n  list:\n    run: echo 'items=[1,2,3,4,5,6,7,8,9,10,11,12]' >> $SLUICEWAY_OUTPUT\n    outputs: {items: list}\n"
    text += (
        "  each:\n    needs: list\n    for-each: needs.list.outputs.items\n    env: {I: '${{ item }}'}\n"
        "    run: echo each-$I; echo o=$I >> $SLUICEWAY_OUTPUT\n    outputs: {o: integer}\n"
    )
    for i in range(20):
        text += f"  j{i}:\n    needs: {f'j{i - 1}' if i else 'each'}\n    run: echo j{i}\n"
    text += "  last:\n    needs: [each, j19]\n    when: size(needs.each.outputs.o) == 12\n    run: echo last\n"
    async with Lab.on(short_histories, tmp_path) as lab:
        run = await lab.start(text)
        handle = lab.engine.client.get_workflow_handle(run)
        first = (await handle.describe()).run_id
        result = await lab.result(run)
        last = (await handle.describe()).run_id

    logs = [json.loads(row["result"])["log"] for row in lab.records.runs.jobs(run)]
    lines = [line.text for log in logs for line in parse(lab.wired.store.get(log)) if line.stream == "out"]
    assert result.status == "passed"
    assert last != first
    assert sorted(lines) == sorted([*(f"each-{i}" for i in range(1, 13)), *(f"j{i}" for i in range(20)), "last"])


async def test_a_pipeline_answers_a_repeated_delivery_with_its_number_after_continuing_as_new(
    short_histories, tmp_path
):
    text = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: kept\njobs:\n  a:\n    run: 'true'\n"
    async with Lab.on(short_histories, tmp_path) as lab:
        repo = lab.repo({"sluiceway.yaml": text})
        handle = lab.engine.client.get_workflow_handle("pipeline/kept")
        first = await lab.deliver(repo, "kept", "delivery-0")
        begun = (await handle.describe()).run_id
        numbers = [(await lab.deliver(repo, "kept", f"delivery-{n}")).number for n in range(1, 12)]
        again = await lab.deliver(repo, "kept", "delivery-0")
        now = (await handle.describe()).run_id

    assert numbers == list(range(2, 13))
    assert (again.number, again.repeated) == (first.number, True)
    assert now != begun


def test_what_is_carried_at_five_thousand_jobs_is_small():
    plan = PlanRef(
        digest="d" * 64,
        pages=tuple("d" * 64 for _ in range(60)),
        jobs=5_000,
        stages=tuple(f"stage-{i}" for i in range(50)),
    )
    statuses = [Status.PASSED, Status.SKIPPED, Status.WAITING, Status.FAILED] * 1_250
    spread = {"each": encode_statuses([Status.PASSED] * 2_000)}
    event = Event(EventKind.PUSH, changed_files=tuple("x" * 50 for _ in range(1_000)))
    input = RunInput(pipeline="p", number=1, event=event, plan=plan, ended=encode_statuses(statuses), spread=spread)

    [payload] = STRICT.payload_converter.to_payloads([input])
    assert payload.ByteSize() < 256 * 1024


def test_the_converter_of_the_tests_refuses_what_is_over_256_kb() -> None:
    with pytest.raises(TooBigError):
        STRICT.payload_converter.to_payloads(["x" * 300_000])


def test_letters_say_what_they_were_made_of() -> None:
    ids = [str(i) for i in range(len(Status))]
    kept = decode_statuses(ids, encode_statuses(Status))

    assert kept == {i: s for i, s in zip(ids, Status, strict=True) if s not in (Status.WAITING, Status.RUNNING)}
