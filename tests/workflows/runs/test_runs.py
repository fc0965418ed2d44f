"""Runs on the real server with real git and real processes."""

import asyncio
import json

from activities.pipelines.plan_store import plan_jobs
from activities.storage.stores.folder import FolderStore
from domain.triggers.events import EventKind
from tests.support.lab import Lab, Repo, alive, until
from tests.support.supervised import commands_below
from workers.client import runs, triggers


def by_id(view):
    return {job.id: job for job in view.jobs}


async def test_a_job_sees_the_commit_its_outputs_reach_the_next_and_a_skip_says_why(lab: Lab):
    result, view = await lab.run(
        """
jobs:
  a:
    run: ['test -f data.txt', 'echo n=5 >> $SLUICEWAY_OUTPUT']
    outputs: {n: integer}
  b:
    needs: a
    env: {N: "${{ needs.a.outputs.n + 1 }}"}
    run: test "$N" = 6
  c:
    needs: a
    when: needs.a.outputs.n > 9 && true
    run: exit 1
""",
        {"data.txt": "x"},
    )

    assert result.status == "passed"
    assert by_id(view)["c"].reason == "needs.a.outputs.n > 9 is false"


async def test_a_failed_job_stops_what_needs_it_and_nothing_else(lab: Lab):
    result, view = await lab.run(
        "jobs:\n  a:\n    run: exit 3\n  b:\n    needs: a\n    run: x\n  c:\n    run: 'true'\n"
        "  d:\n    needs: a\n    when: failure()\n    run: 'true'\n"
    )

    assert (result.status, result.stopped_by) == ("failed", "a")
    assert {job.id: job.status for job in view.jobs} == {"a": "failed", "b": "skipped", "c": "passed", "d": "passed"}
    assert by_id(view)["a"].reason == "step 1 (exit 3) exited with 3"


async def test_retries_are_attempts_with_logs_of_their_own(lab: Lab):
    run = await lab.start(
        'jobs:\n  a:\n    retry: {attempts: 3, backoff: 1ms, on: ["exit:75"]}\n    run: echo $SLUICEWAY_ATTEMPT; test $SLUICEWAY_ATTEMPT = 2 || exit 75\n'
    )
    await lab.result(run)
    rows = lab.records.runs.jobs(run)

    assert [(row["attempt"], row["status"]) for row in rows] == [(1, "failed"), (2, "passed")]
    logs = {json.loads(row["result"])["log"] for row in rows}
    assert len(logs) == 2


async def test_a_for_each_runs_once_per_item_and_gives_its_outputs_as_a_list(lab: Lab):
    result, view = await lab.run(
        """
jobs:
  list:
    run: echo 'items=["x","y","z"]' >> $SLUICEWAY_OUTPUT
    outputs: {items: list}
  each:
    needs: list
    for-each: needs.list.outputs.items
    env: {I: "${{ item }}"}
    run: echo "o=$I$I" >> $SLUICEWAY_OUTPUT
    outputs: {o: string}
  all:
    needs: each
    env: {ALL: "${{ json(needs.each.outputs.o) }}"}
    run: test "$ALL" = '["xx","yy","zz"]'
"""
    )

    assert result.status == "passed"
    assert {"each[0]", "each[1]", "each[2]"} <= set(by_id(view))


async def test_a_wrong_definition_is_a_failed_run_that_shows_the_problems(lab: Lab):
    repo = lab.repo(
        {
            "sluiceway.yaml": "apiVersion: sluiceway/v1\nkind: Pipeline\nname: bad\njobs:\n  a:\n    needs: b\n    run: x\n"
        }
    )
    answer = await lab.deliver(repo, "bad", kind=EventKind.PUSH, branch="main")
    result = await lab.result(answer.run)

    assert result.status == "failed"
    assert "sluiceway.yaml:6:12: error SLW301: unknown job 'b'" in result.reason


async def test_the_same_delivery_twice_is_one_run(lab: Lab):
    repo = lab.repo(
        {"sluiceway.yaml": "apiVersion: sluiceway/v1\nkind: Pipeline\nname: once\njobs:\n  a:\n    run: 'true'\n"}
    )
    first, second = await asyncio.gather(*(lab.deliver(repo, "once", "the-delivery") for _ in range(2)))
    third = await lab.deliver(repo, "once", "another")

    assert first.number == second.number
    assert third.number == first.number + 1


async def test_a_schedule_starts_the_branch_as_it_is_by_then(lab: Lab):
    from activities.triggers.port import ScheduledDelivery

    text = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: nightly\non: {schedule: [{cron: '0 3 * * *', time-zone: Europe/Zurich}]}\njobs:\n  a:\n    run: test $SLUICEWAY_EVENT = schedule && test -f later\n"
    repo = lab.repo({"sluiceway.yaml": text})
    what = ScheduledDelivery("nightly", str(repo.path), "sluiceway.yaml", "main")
    for _ in range(2):  # setting it again changes it
        id_ = await triggers.schedule(lab.engine, what, [("0 3 * * *", "Europe/Zurich")])
    repo.commit({"later": "x"})
    handle = lab.engine.client.get_schedule_handle(id_)
    await handle.trigger()

    async def started():
        return lab.records.runs.latest("nightly")

    await until(started)
    assert (await lab.result("run/nightly/1")).status == "passed"
    assert (await handle.describe()).schedule.spec.cron_expressions or (await handle.describe()).schedule.spec.calendars
    await triggers.schedule(lab.engine, what, [])


async def test_what_the_pipeline_does_not_listen_to_starts_nothing(lab: Lab):
    repo = lab.repo(
        {
            "sluiceway.yaml": "apiVersion: sluiceway/v1\nkind: Pipeline\nname: deaf\non: {push: {branches: [main]}}\njobs:\n  a:\n    run: 'true'\n"
        }
    )
    answer = await lab.deliver(repo, "deaf", kind=EventKind.PUSH, branch="feature")

    assert answer.number == 0
    assert answer.reason == "branch feature matches none of main"


async def test_the_definition_is_read_from_the_pushed_commit_not_from_the_branch(lab: Lab):
    text = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: pinned\njobs:\n  {}:\n    run: 'true'\n"
    repo = lab.repo({"sluiceway.yaml": text.format("old")})
    old = Repo(repo.path, repo.head)
    repo.commit({"sluiceway.yaml": text.format("new")})
    answer = await lab.deliver(old, "pinned")
    await lab.result(answer.run)

    assert [job.id for job in (await runs.view(lab.engine, answer.run)).jobs] == ["old"]


async def test_cancelling_kills_even_a_grandchild_that_left_the_session(lab: Lab):
    run = await lab.start(
        "jobs:\n  a:\n    run: |\n"
        "      setsid sh -c 'setsid sh -c \"exec sleep 600\" & wait' & wait\n"
        "  b:\n    needs: a\n    run: x\n"
    )
    (pid,) = await until(lambda: commands_below(lab.folder_of(run, "a"), b"sleep"))
    await runs.cancel(lab.engine, run, "not wanted")
    result = await lab.result(run)

    assert (result.status, result.reason) == ("cancelled", "not wanted")
    assert not alive(pid)
    assert {job.status for job in (await runs.view(lab.engine, run)).jobs} == {"cancelled"}


async def test_a_run_that_is_cancelled_in_its_first_moment_begins_nothing_more(lab: Lab):
    run = await lab.start("jobs:\n  a:\n    run: sleep 600\n  b:\n    needs: a\n    run: x\n")
    await runs.cancel(lab.engine, run, "at once")

    assert (await lab.result(run)).status == "cancelled"


async def test_temporals_own_cancel_in_the_first_moment_leaves_a_record_that_has_ended(lab: Lab):
    run = await lab.start("jobs:\n  a:\n    run: sleep 600\n")
    await lab.engine.client.get_workflow_handle(run).cancel()

    assert (await lab.result(run)).status == "cancelled"
    assert (lab.records.runs.get(run) or {"status": "cancelled"})["status"] == "cancelled"


async def test_temporals_own_cancel_works_too(lab: Lab):
    run = await lab.start("jobs:\n  a:\n    run: exec sleep 600\n")
    step = await lab.begun(run)
    await lab.engine.client.get_workflow_handle(run).cancel()

    assert (await lab.result(run)).status == "cancelled"
    assert not alive(step)


async def test_a_failed_cell_stops_its_siblings_under_fail_fast(lab: Lab):
    result, view = await lab.run(
        "jobs:\n  t:\n    matrix: {axes: {n: [0, 600]}}\n    env: {N: '${{ matrix.n }}'}\n    run: sleep $N; exit 1\n"
    )

    assert result.stopped_by == "t[n=0]"
    assert by_id(view)["t[n=600]"].status == "cancelled"


async def test_release_managers_read_run_stage_commit_and_status_from_the_server(lab: Lab):
    run = await lab.start("jobs:\n  a:\n    stage: checks\n    run: 'true'\n")
    await lab.result(run)
    described = await lab.engine.client.get_workflow_handle(run).describe()
    found = {pair.key.name: pair.value for pair in described.typed_search_attributes}

    assert run.startswith("run/")
    assert (found["status"], found["stage"]) == ("passed", "checks")
    assert found["pipeline"] == run.split("/")[1]
    assert len(found["commit"]) == 40
    assert await described.static_summary()


async def test_every_activity_has_a_summary_for_the_timeline(lab: Lab):
    run = await lab.start(
        "jobs:\n  a:\n    run: 'true'\n  s:\n    scan: {tools: [bandit]}\n  g:\n    needs: s\n    gate: {}\n"
    )
    await lab.result(run)
    history = await lab.engine.client.get_workflow_handle(run).fetch_history()
    scheduled = [e for e in history.events if e.HasField("activity_task_scheduled_event_attributes")]

    assert len(scheduled) == 4
    assert all(event.user_metadata.summary.data for event in scheduled)


async def test_the_details_say_what_is_awaited_and_since_when(lab: Lab):
    run = await lab.start("jobs:\n  ok:\n    approval: {users: [someone]}\n")
    await lab.until_asked(run)
    metadata = await lab.engine.client.get_workflow_handle(run).query("__temporal_workflow_metadata")
    await runs.cancel(lab.engine, run, "seen")

    assert "**waits for approval of ok** (job ok, since " in str(metadata)


async def test_a_plan_is_stored_in_pages_and_a_run_of_many_jobs_ends(lab: Lab):
    text = "jobs:\n" + "".join(f"  j{i}:\n    when: 1 == 2\n    run: echo {'x' * 300}\n" for i in range(600))
    run = await lab.start(text)
    result = await lab.result(run)

    timers = [
        e
        for e in (await lab.engine.client.get_workflow_handle(run).fetch_history()).events
        if e.HasField("timer_started_event_attributes")
    ]

    assert result.status == "passed"
    assert len(timers) == 1  # not all are decided in one activation
    assert len(plan_jobs(FolderStore(lab.settings.store), lab.recorded(run)["plan"])) == 600
    assert len([row for row in lab.records.runs.jobs(run) if row["status"] == "skipped"]) == 600
