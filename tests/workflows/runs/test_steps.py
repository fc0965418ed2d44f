"""What the steps of a run get, and what they leave: limits, secrets, logs, reports and outputs, with real processes."""

import json

import pytest

from activities.core import serialization as serial
from activities.jobs.logs import parse
from activities.storage.stores.folder import FolderStore
from domain.jobs.result import JobResult
from tests.support.lab import Lab


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ("    timeouts: {run: 300ms}\n    run: sleep 60\n", "exceeded its time limit"),
        ("    output-mb: 1\n    run: yes | head -c 3000000\n", "exceeded its output limit: the steps wrote "),
        (
            "    memory-mb: 60\n    run: python3 -c 'x = bytearray(10**9); import time; time.sleep(60)'\n",
            "exceeded its memory limit",
        ),
    ],
)
async def test_limits_end_a_job_and_say_which_one(lab: Lab, job, reason):
    result, _ = await lab.run("jobs:\n  a:\n" + job)

    assert reason in result.reason


async def test_a_secret_is_in_the_process_and_nowhere_else(lab: Lab):
    secret = "s3cr3t-of-the-test-5f1c"
    lab.secret("lab-secret", secret)
    run = await lab.start(
        "jobs:\n  a:\n    secrets: [TOKEN]\n    run: |\n"
        '      test ${#TOKEN} = 23 && echo "it is $TOKEN"; printf "user:$TOKEN" | base64\n',
        head="secrets: {TOKEN: lab-secret}\n",
    )
    result = await lab.result(run)
    history = (await lab.engine.client.get_workflow_handle(run).fetch_history()).to_json()
    kept = lab.settings.secrets
    files = [path for path in lab.settings.home.rglob("*") if path.is_file() and kept not in path.parents]
    everything = b"".join(path.read_bytes() for path in files)

    assert result.status == "passed"
    assert secret not in history
    assert secret.encode() not in everything
    assert b"it is ***" in everything


async def test_a_missing_secret_fails_the_job_with_its_name(lab: Lab):
    lab.secret("not-set-anywhere", "")
    result, _ = await lab.run(
        "jobs:\n  a:\n    secrets: [TOKEN]\n    run: 'true'\n", head="secrets: {TOKEN: not-set-anywhere}\n"
    )

    assert "SLW831: secret not-set-anywhere" in result.reason


async def test_log_lines_are_numbered_without_a_gap_and_kept_by_digest(lab: Lab):
    run = await lab.start("jobs:\n  a:\n    run: ['for i in 1 2 3; do echo line $i; done', 'echo err >&2']\n")
    await lab.result(run)
    result = serial.load(JobResult, lab.records.runs.jobs(run)[0]["result"])
    lines = list(parse(FolderStore(lab.settings.store).get(result.log)))

    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert [line.text for line in lines if line.stream == "out"] == ["line 1", "line 2", "line 3"]
    assert [(line.step, line.text) for line in lines if line.stream == "err"] == [(2, "err")]


async def test_a_step_sees_only_what_the_definition_names_and_the_documented_minimum(lab: Lab, monkeypatch):
    monkeypatch.setenv("LEAKED", "yes")
    run = await lab.start("jobs:\n  a:\n    env: {MINE: x}\n    run: env | cut -d= -f1 | sort | tr '\\n' ' '\n")
    await lab.result(run)
    log = FolderStore(lab.settings.store).get(json.loads(lab.records.runs.jobs(run)[0]["result"])["log"])
    names = next(line.text for line in parse(log) if line.stream == "out").split()

    assert "LEAKED" not in names
    assert [n for n in names if not n.startswith("SLUICEWAY_")] == [
        "CI",
        "HOME",
        "LANG",
        "MINE",
        "PATH",
        "PWD",
        "TMPDIR",
    ]


async def test_a_failed_test_fails_the_job_although_the_command_passed(lab: Lab):
    report = '<testsuite><testcase name="a"/><testcase name="b"><failure message="no"/></testcase></testsuite>'
    result, _ = await lab.run("jobs:\n  t:\n    test: {steps: 'true', junit: '*.xml'}\n", {"r.xml": report})

    assert result.reason == "t: 1 of 2 tests failed: b"


async def test_a_missing_or_broken_report_never_passes(lab: Lab):
    missing, _ = await lab.run("jobs:\n  t:\n    test: {steps: 'true', junit: '*.xml'}\n")
    broken, _ = await lab.run("jobs:\n  t:\n    test: {steps: 'true', junit: '*.xml'}\n", {"r.xml": "<testsuite>"})

    assert "no test report matches" in missing.reason
    assert "cannot be read" in broken.reason


async def test_parts_of_coverage_are_one_number_that_jobs_downstream_can_use(lab: Lab):
    lines = "SF:a.c\nDA:1,{}\nDA:2,{}\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nend_of_record\n"
    jobs = (
        "jobs:\n  t:\n    test: {steps: 'true', coverage: './*.info', min-coverage: 100, min-branch-coverage: 50}\n"
        "  after:\n    needs: t\n    when: needs.t.outputs['branch-coverage'] == 50.0\n    run: 'true'\n"
    )
    result, view = await lab.run(jobs, {"a.info": lines.format(1, 0), "b.info": lines.format(0, 3)})

    assert result.status == "passed"
    assert {job.id: job.status for job in view.jobs}["after"] == "passed"


async def test_an_undeclared_or_wrong_output_fails_the_job(lab: Lab):
    undeclared, _ = await lab.run("jobs:\n  a:\n    run: echo x=1 >> $SLUICEWAY_OUTPUT\n")
    wrong, _ = await lab.run("jobs:\n  a:\n    outputs: {x: integer}\n    run: echo x=abc >> $SLUICEWAY_OUTPUT\n")

    assert "'x' is not declared" in undeclared.reason
    assert "'abc' is not of type integer: it is not JSON" in wrong.reason


async def test_a_condition_without_a_value_fails_its_job_and_the_group_is_free_again(lab: Lab) -> None:
    text = """concurrency: deploys
params: {l: {default: "yes"}}
jobs:
  list: {run: "echo 'l=[]' >> $SLUICEWAY_OUTPUT", outputs: {l: list}}
  use: {needs: list, when: "params.l == 'no' || needs.list.outputs.l[0] == 'x'", run: echo}
  big: {run: "echo n=99999999999999999999 >> $SLUICEWAY_OUTPUT", outputs: {n: integer}}
  text: {needs: big, env: {N: "${{ needs.big.outputs.n }}"}, run: 'test "$N" = 99999999999999999999'}
  sum: {needs: big, env: {N: "${{ needs.big.outputs.n + 1 }}"}, run: echo}
"""
    result, view = await lab.run(text)
    again, _ = await lab.run(text)

    assert result.status == again.status == "failed"
    jobs = {job.id: job for job in view.jobs}
    assert "needs.list.outputs.l[0] == 'x': index out of bounds: 0" in jobs["use"].reason
    assert jobs["text"].status == "passed"
    assert jobs["sum"].reason.startswith("expression needs.big.outputs.n + 1: ")
