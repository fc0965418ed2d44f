"""A run is shown from its records: jobs in the order of the plan, logs by line, and no more than may be read."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pytest

from activities.pipelines.plan_store import store_plan
from activities.source.mirrors import SNAPSHOT
from domain.access.actions import Action
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.core.errors import RefusedError, SluicewayError
from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import Plan
from tests.support.guards import OpenGuard
from tests.support.recorded import a_job, a_run
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.runs import run_rows
from workers.client.on_engine.runs.run_rows import earlier_rows, job_rows, results_of, wait_rows
from workers.client.on_engine.runs.runs import EngineRuns
from workers.client.ports.pages import PageOf
from workers.client.ports.runs import JobRow, RunFilter
from workflows.runs.messages import JobView, RunView

RUN = "run/web/1"
PLAN = Plan(
    pipeline="web",
    jobs=(
        Job("build", JobKind.BUILD, stage="build"),
        Job("test[os=linux]", JobKind.TEST, "test", stage="check", needs=("build",)),
        Job("each", JobKind.RUN, stage="check", needs=("build",)),
        Job("later", JobKind.DEPLOY, stage="release", environment="production", skip="not on this branch"),
    ),
)


def _line(number: int, text: str) -> bytes:
    return json.dumps({"n": number, "t": 1.5, "s": 1, "o": "out", "l": text}).encode() + b"\n"


@pytest.fixture
def ended(parts: EngineParts) -> EngineParts:
    """A run with a plan, whose first job has a stored log, and whose second one still writes."""
    records, store = parts.records, parts.store
    records.runs.start(a_run(RUN, plan=store_plan(store, PLAN).digest, commit="c" * 40))
    log = store.put(b"".join(_line(number, f"line {number}") for number in range(1, 8)))
    records.runs.record_job(a_job(RUN, "passed", (1, 2), json.dumps({"log": log, "reason": "1 step passed"}), "build"))
    records.runs.record_job(a_job(RUN, "failed", (2, 3), json.dumps({"log": log}), "each[1]"))
    records.runs.record_job(a_job(RUN, "running", (2, None), "{}", "each[0]"))
    folder = parts.jobs.folder(RUN, "each[0]", 1)
    folder.mkdir(parents=True)
    (folder / "log.jsonl").write_bytes(_line(1, "begun") + b'{"n": 2, "t"')
    records.runs.end(RUN, "failed", "each", "each failed", store.put(b"<p>report</p>"), 4)
    return parts


async def test_jobs_stand_in_the_order_of_the_plan_with_what_they_became(ended: EngineParts, guard: OpenGuard) -> None:
    found = await EngineRuns(ended, guard).show("web/1")
    assert [(job.id, job.status) for job in found.jobs] == [
        ("build", "passed"),
        ("test[os=linux]", "waiting"),
        ("each", "running"),
        ("each[0]", "running"),
        ("each[1]", "failed"),
        ("later", "skipped"),
    ]
    assert (found.jobs[-1].environment, found.jobs[-1].reason) == ("production", "not on this branch")
    assert (found.attempts, found.can_rerun, found.has_report) == ((RUN,), True, True)
    assert found.temporal == "/temporal/namespaces/default/workflows/run%2Fweb%2F1"
    assert await EngineRuns(ended, guard).report("run/web/1") == b"<p>report</p>"


async def test_a_log_is_read_by_line_and_its_end_is_known(ended: EngineParts, guard: OpenGuard) -> None:
    runs = EngineRuns(ended, guard)
    tail, middle = await runs.log(RUN, "build", limit=3), await runs.log(RUN, "build", first=2, limit=2)
    assert ([line.number for line in tail.lines], tail.first, tail.total, tail.ended) == ([5, 6, 7], 5, 7, True)
    assert ([line.text for line in middle.lines], middle.ended) == (["line 2", "line 3"], False)
    growing = await runs.log(RUN, "each[0]")
    assert ([line.text for line in growing.lines], growing.total, growing.ended) == (["begun"], 1, False)
    assert await runs.search(RUN, "build", 1, "LINE 3") == (3,)
    assert (await runs.log(RUN, "build", first=99)).lines == ()


async def test_a_log_that_has_expired_is_an_empty_one(ended: EngineParts, guard: OpenGuard) -> None:
    ended.records.runs.record_job(a_job(RUN, "passed", (1, 2), json.dumps({"log": "a" * 64}), "old"))
    part = await EngineRuns(ended, guard).log(RUN, "old")
    assert (part.lines, part.total, part.ended) == ((), 0, True)


@pytest.mark.parametrize(("job", "attempt"), [("none", 1), ("build", 2), ("../build", 1)])
async def test_a_job_that_did_not_run_has_no_log(ended: EngineParts, guard: OpenGuard, job: str, attempt: int) -> None:
    with pytest.raises(SluicewayError) as unknown:
        await EngineRuns(ended, guard).log(RUN, job, attempt)
    assert unknown.value.code == "SLW915"


@pytest.mark.parametrize("name", ["web/2", "web/1.2", "", "x", "run/../1", f"web/{10**30}", "web/1' or 1=1"])
async def test_an_unknown_run_has_no_page(ended: EngineParts, guard: OpenGuard, name: str) -> None:
    with pytest.raises(SluicewayError) as unknown:
        await EngineRuns(ended, guard).show(name)
    assert unknown.value.code == "SLW911"


async def test_whoever_may_not_read_runs_reads_none_of_their_parts(ended: EngineParts) -> None:
    guard = OpenGuard(refused=frozenset({Action.RUNS_READ, Action.LOGS_READ}))
    runs = EngineRuns(ended, guard)
    for ask in (
        lambda: runs.show(RUN),
        lambda: runs.report(RUN),
        lambda: runs.log(RUN, "build"),
        lambda: runs.search(RUN, "build", 1, "x"),
    ):
        with pytest.raises(SluicewayError) as nothing:
            await ask()
        assert nothing.value.code == "SLW911"  # as for a run that there is not
    assert (await runs.list(RunFilter(), PageOf())).items == ()


async def test_a_run_without_a_report_says_why(parts: EngineParts, guard: OpenGuard) -> None:
    parts.records.runs.start(a_run(RUN))
    with pytest.raises(SluicewayError) as none:
        await EngineRuns(parts, guard).report(RUN)
    assert (none.value.code, none.value.why) == ("SLW913", "it has not ended")


async def test_a_report_that_is_asked_for_as_its_run_ends_is_waited_for(parts: EngineParts, guard: OpenGuard) -> None:
    runs, ended_at = parts.records.runs, time.time()
    runs.start(a_run(RUN))
    runs.end(RUN, "passed", "", "1 job passed", "", ended_at)
    asked = asyncio.ensure_future(EngineRuns(parts, guard).report(RUN))
    await asyncio.sleep(0)
    runs.end(RUN, "passed", "", "1 job passed", parts.store.put(b"<p>it</p>"), ended_at)
    assert await asked == b"<p>it</p>"


async def test_a_run_that_ended_without_a_report_is_not_waited_for(parts: EngineParts, guard: OpenGuard) -> None:
    parts.records.runs.start(a_run(RUN))
    parts.records.runs.end(RUN, "cancelled", "", "ended from outside", "", 4)
    with pytest.raises(SluicewayError, match="SLW913"):
        await EngineRuns(parts, guard).report(RUN)


async def test_changes_of_a_run_that_has_ended_are_refused_and_told_to_the_guard(
    ended: EngineParts, guard: OpenGuard
) -> None:
    with pytest.raises(RefusedError) as late:
        await EngineRuns(ended, guard).cancel("web/1", "why not", key="k")
    assert late.value.code == "SLW905"
    assert [(told.action, told.resource, told.ended) for told in guard.used] == [
        (Action.RUNS_CANCEL, f"run:{RUN}", "failed")
    ]


async def test_another_definition_is_for_whoever_may_start_the_pipeline(parts: EngineParts) -> None:
    parts.records.runs.start(a_run(RUN))
    guard = OpenGuard(refused=frozenset({Action.RUNS_START}))
    with pytest.raises(RefusedError) as refused:
        await EngineRuns(parts, guard).rerun("web/1", changed=True)
    assert refused.value.code == "SLW410"


async def test_a_folder_of_the_host_is_read_for_its_owner_alone(parts: EngineParts) -> None:
    parts.records.runs.start(replace(a_run(RUN), source=json.dumps({"repo": f"{SNAPSHOT}/home/ann/shop"})))
    ann = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), channel="api")
    with pytest.raises(SluicewayError) as refused:
        await EngineRuns(parts, OpenGuard(ann)).rerun("web/1", changed=True)
    assert refused.value.code == "SLW477"


async def test_a_pipeline_without_runs_cannot_be_started(parts: EngineParts, guard: OpenGuard) -> None:
    with pytest.raises(SluicewayError) as unknown:
        await EngineRuns(parts, guard).params("web")
    assert unknown.value.code == "SLW911"


def test_what_a_run_waits_for_names_the_approval_that_can_be_decided() -> None:
    view = RunView(
        id=RUN,
        status="running",
        jobs=(
            JobView(id="ok", kind="approval", stage="s", status="running", began_at=7),
            JobView(id="slow", kind="run", stage="s", status="running", began_at=8),
        ),
        waiting_for=("ok: 1 of 2 approvals: by ann", "slow: a slot", "a slot in queue/runs/main"),
    )
    assert [(wait.job, wait.text, wait.since, wait.approval) for wait in wait_rows(view, view.waiting_for)] == [
        ("ok", "1 of 2 approvals: by ann", 7, "approval/web/1/ok"),
        ("slow", "a slot", 8, ""),
        ("", "a slot in queue/runs/main", 0, ""),
    ]


def test_a_job_is_its_last_attempt_and_those_before_stand_beside_it() -> None:
    rows = [a_job(RUN, "failed", (1, 2), "{}", "a", 1), a_job(RUN, "passed", (3, 4), "{}", "a", 2)]
    planned = [JobRow(id="a", kind="run", stage="s", status="waiting")]
    (job,), (earlier,) = job_rows(planned, rows), earlier_rows(planned, rows)
    assert (job.status, job.attempt) == ("passed", 2)
    assert (earlier.id, earlier.stage, earlier.status, earlier.attempt) == ("a", "s", "failed", 1)


async def test_what_jobs_left_is_told_to_whoever_may_read_their_logs(ended: EngineParts, guard: OpenGuard) -> None:
    result = json.dumps({"exit_code": 3, "outputs": {"image": ["a", 1]}, "artifacts": {"jar": "ab" * 32}})
    ended.records.runs.record_job(a_job(RUN, "failed", (2, 3), result, "each[2]"))
    runs = EngineRuns(ended, guard)
    assert (await runs.show(RUN)).results is None
    found = (await runs.show(RUN, results=True)).results
    assert found is not None
    left = {one.job: one for one in found.jobs}
    assert left.keys() == {"build", "each[1]", "each[2]"}
    assert (left["each[2]"].exit_code, left["each[2]"].outputs) == (3, {"image": ["a", 1]})
    assert left["each[2]"].artifacts == {"jar": "ab" * 32}
    assert (Action.LOGS_READ in {one[0] for one in guard.asked}, found.more) == (True, 0)


def test_the_results_of_a_run_are_bounded_and_say_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_rows, "MAX_LEFT", 25)
    rows = [a_job(RUN, "passed", (at, at + 1), '{"reason": "x"}', f"job{at}") for at in range(3)]
    found = results_of("{}", rows)
    assert ([one.job for one in found.jobs], found.more) == (["job0"], 2)


def test_a_job_that_became_items_ends_as_the_worst_of_them() -> None:
    planned = [JobRow(id="each", kind="run", stage="s", status="waiting")]
    passed, failed = (
        a_job(RUN, status, (at, at + 1), "{}", f"each[{at}]") for at, status in ((1, "passed"), (5, "failed"))
    )
    (together, *items) = job_rows(planned, [passed, failed])
    assert (together.status, together.started_at, together.ended_at, len(items)) == ("failed", 1, 6, 2)
    assert job_rows(planned, [passed])[0].status == "passed"
