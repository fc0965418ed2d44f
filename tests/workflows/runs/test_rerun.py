"""A new attempt of a run: what runs again, what is kept, and that the attempt before stays as it was."""

import pytest

from activities.access import identities
from activities.runs.port import Rerun
from domain.core.errors import SluicewayError
from domain.runs.rerun import From, RerunRequest
from domain.triggers.events import EventKind
from tests.support.lab import Lab
from tests.support.profile import first_of
from workers.client import approvals, runs
from workers.client.deliveries import definition_now

JOBS = """jobs:
  build:
    run: |
      echo "word=$SLUICEWAY_RUN_ATTEMPT" >> "$SLUICEWAY_OUTPUT"
      echo made > app
    outputs: {word: string}
    artifacts: {out: {app: app}}
  test:
    needs: build
    artifacts: {in: build.app}
    env: {WORD: "${{ needs.build.outputs.word }}"}
    run: test "$SLUICEWAY_RUN_ATTEMPT" = 2 && grep -q made app && test "$WORD" = 1
  lint:
    run: 'true'
  ship:
    needs: [test, lint]
    run: 'true'
"""


async def again(lab: Lab, run: str, wish: RerunRequest = RerunRequest(), **more):  # noqa: B008
    pipeline, number = run.removeprefix("run/").split("/")
    return await runs.rerun(lab.engine, Rerun(pipeline, int(number), wish, "somebody", **more))


async def test_from_failed_keeps_what_passed_and_leaves_the_first_attempt_alone(lab: Lab):
    run = await lab.start(JOBS)
    assert (await lab.result(run)).status == "failed"
    before = lab.records.runs.jobs(run)
    answer = await again(lab, run)

    assert (answer.run, answer.count, answer.jobs) == (f"{run}.2", 2, 4)
    assert answer.again == {"test": "it was failed", "ship": "it needs test"}
    assert (await lab.result(answer.run)).status == "passed"
    assert lab.records.runs.jobs(run) == before
    assert lab.recorded(run)["status"] == "failed"
    kept = {row["job"] for row in lab.records.runs.jobs(answer.run) if f'"{run}"' in row["result"]}
    assert kept == {"build", "lint"}


async def test_a_run_that_passed_or_runs_or_is_not_there_is_refused_with_the_reason(lab: Lab):
    run = await lab.start("jobs:\n  a:\n    run: 'true'\n")
    await lab.result(run)
    with pytest.raises(SluicewayError, match="nothing to run again"):
        await again(lab, run)
    waiting = await lab.start("jobs:\n  a:\n    approval: {users: [x]}\n")
    await lab.until_asked(waiting)
    with pytest.raises(SluicewayError, match="still running"):
        await again(lab, waiting)
    with pytest.raises(SluicewayError, match="no record"):
        await runs.rerun(lab.engine, Rerun("nobody", 3))
    await runs.cancel(lab.engine, waiting, "enough")


async def test_attempts_are_numbered_and_one_cell_runs_alone(lab: Lab):
    run = await lab.start("jobs:\n  t:\n    run: 'true'\n    matrix: {axes: {n: [1, 2]}}\n")
    await lab.result(run)
    for attempt in (2, 3):
        answer = await again(lab, run, RerunRequest(From.JOB, "t[n=2]"))
        assert (answer.run, list(answer.again)) == (f"{run}.{attempt}", ["t[n=2]"])
        assert (await lab.result(answer.run)).status == "passed"


async def test_one_item_of_a_fan_out_runs_again(lab: Lab):
    text = """jobs:
  list:
    run: echo 'items=[1,2,3]' >> "$SLUICEWAY_OUTPUT"
    outputs: {items: list}
  each:
    needs: list
    for-each: needs.list.outputs.items
    env: {N: "${{ item }}"}
    run: test "$N" != 2 || test "$SLUICEWAY_RUN_ATTEMPT" = 2
  end:
    needs: each
    run: 'true'
"""
    run = await lab.start(text)
    assert (await lab.result(run)).status == "failed"
    answer = await again(lab, run)

    assert list(answer.again) == ["each[1]", "end"]
    assert (await lab.result(answer.run)).status == "passed"


async def test_an_artifact_that_is_gone_makes_its_job_run_again(lab: Lab):
    run = await lab.start(JOBS)
    await lab.result(run)
    for row in lab.records.runs.jobs(run):
        if row["job"] == "build":
            import json

            lab.stored_file(json.loads(row["result"])["artifacts"]["app"]).unlink()
    answer = await again(lab, run)

    assert answer.again["build"] == "its artifact app is deleted, and test needs it"


APPROVED = """jobs:
  build:
    run: echo {word} > app
    artifacts: {{out: {{app: app}}, times: {times}}}
  ask:
    needs: build
    approval: {{users: [one], allow: {{author: true, committer: true, starter: true}}}}
  ship:
    needs: ask
    run: test "$SLUICEWAY_RUN_ATTEMPT" = 2
"""


async def approve(lab: Lab, run: str) -> None:
    asked = await lab.until_asked(run)
    decision = await approvals.sign(lab.engine, run, asked, "one", True, "", lab.settings.keys)
    assert (await approvals.decide(lab.engine, run, asked, decision)).counted


@pytest.mark.parametrize(
    ("word", "times", "asked"),
    first_of(("same", "real", True), ("same", "commit", False), ("$SLUICEWAY_RUN_ATTEMPT", "commit", True)),
)
async def test_an_approval_is_asked_again_exactly_when_what_it_was_given_for_changed(lab: Lab, word, times, asked):
    lab.identity("one")
    run = await lab.start(APPROVED.format(word=word, times=times))
    await approve(lab, run)
    assert (await lab.result(run)).status == "failed"
    answer = await again(lab, run, RerunRequest(From.JOB, "build"))
    assert "ask" in answer.again
    if asked:
        await approve(lab, answer.run)

    assert (await lab.result(answer.run)).status == "passed"
    row = next(row for row in lab.records.runs.jobs(answer.run) if row["job"] == "ask")
    assert ("for exactly the same" in row["result"]) is not asked


async def test_who_asks_for_the_attempt_may_not_have_approved_it(lab: Lab):
    lab.identity("one")
    run = await lab.start(
        APPROVED.format(word="same", times="real").replace("starter: true", "starter: false"), actor="somebody"
    )
    await approve(lab, run)
    await lab.result(run)
    pipeline, number = run.removeprefix("run/").split("/")
    mine = await runs.rerun(lab.engine, Rerun(pipeline, int(number), RerunRequest(From.JOB, "ship"), "one"))

    assert "who started the run may not decide" in mine.again["ask"]
    await runs.cancel(lab.engine, mine.run, "enough")


@pytest.mark.system
async def test_an_approval_holds_over_a_third_attempt_when_nothing_it_was_given_for_has_changed(lab: Lab):
    lab.identity("ann")
    text = (
        "jobs:\n  ask:\n    approval: {users: [ann], allow: {starter: true, author: true, committer: true}}\n"
        "  work:\n    needs: ask\n    run: 'false'\n"
    )
    run = await lab.start(text)
    decision = await approvals.sign(lab.engine, run, await lab.until_asked(run), "ann", True, "", lab.settings.keys)
    await approvals.decide(lab.engine, run, "ask", decision)
    await lab.result(run)
    for attempt in (2, 3):
        answer = await again(lab, run, RerunRequest(From.ALL))
        assert answer.run == f"{run}.{attempt}"
        assert (await lab.result(answer.run)).status == "failed"
        (row,) = [row for row in lab.records.runs.jobs(answer.run) if row["job"] == "ask"]
        assert "approved by ann" in row["result"]
    assert not await approvals.pending(lab.engine, f"{run}.3")


async def test_a_changed_definition_of_a_push_is_read_at_the_head_of_its_branch(lab: Lab):
    name = "pushed-again"
    head = f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name}\non: {{push: {{}}}}\n"
    repo = lab.repo({"sluiceway.yaml": head + "jobs:\n  a:\n    run: 'false'\n"})
    run = (await lab.deliver(repo, name, kind=EventKind.PUSH, branch="main")).run
    await lab.result(run)
    repo.commit({"sluiceway.yaml": head + "jobs:\n  a:\n    run: 'true'\n"})
    row = lab.records.runs.get(run)
    assert row is not None
    found = definition_now(row, lab.settings.mirrors)

    assert found.source.commit == repo.head
    assert (await lab.result((await again(lab, run, changed=found)).run)).status == "passed"
    gone = row.copy()
    gone["event"] = row["event"].replace('"main"', '"deleted"')
    with pytest.raises(SluicewayError, match=r"SLW927.*has no refs/heads/deleted any more"):
        definition_now(gone, lab.settings.mirrors)


@pytest.mark.parametrize(
    ("how", "why"),
    first_of(("removed", "identity was removed"), ("rotated", "key was replaced"), ("left", "none of those who")),
)
async def test_a_removed_key_and_a_left_group_void_an_approval_at_a_rerun(lab: Lab, how, why):
    lab.identity("one", "ops")
    run = await lab.start(APPROVED.format(word="same", times="real").replace("users: [one]", "groups: [ops]"))
    await approve(lab, run)
    await lab.result(run)
    known = lab.records.identities.get("one")
    assert known is not None
    if how == "removed":
        lab.registrar.remove("one")
    elif how == "rotated":
        lab.registrar.person(identities.rotate(lab.settings.keys, known))
    else:
        lab.identity("one", "others")
    answer = await again(lab, run, RerunRequest(From.JOB, "ship"))

    assert why in answer.again["ask"]
    await lab.until_asked(answer.run)
    await runs.cancel(lab.engine, answer.run, "enough")
