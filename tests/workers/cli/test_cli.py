"""The command line as a person uses it: exit codes, output for people and for machines."""

import asyncio
import json
import os
import pwd
import socket
import subprocess

import pytest
from temporalio.service import RPCError

from activities.source import git
from tests.support.command_line import HEAD, call, definition, spawn
from tests.support.lab import Repo
from tests.support.programs import program
from workers.core import connection
from workers.core.settings import load
from workers.engine import embedded as engine

SLOW = {"temporalio", "sqlalchemy", "kubernetes", "docker", "requests", "celpy", "prompt_toolkit"}


@pytest.mark.parametrize(
    ("name", "jobs", "code", "how"),
    [
        ("passes", "jobs:\n  a:\n    run: 'true'\n", 0, call),
        ("fails", "jobs:\n  a:\n    run: 'false'\n", 1, spawn),
        ("is-wrong", "jobs:\n  a:\n    needs: b\n    run: x\n", 2, call),
        ("expires", "jobs:\n  a:\n    approval: {users: [x], expires: 200ms}\n", 3, call),
    ],
)
def test_the_exit_code_says_how_the_run_ended(up, tmp_path, name, jobs, code, how):
    assert how("run", "p.yaml", cwd=definition(tmp_path, name, jobs))[0] == code


def test_a_wrong_file_is_refused_with_every_problem_before_a_run_starts(up, tmp_path):
    code, out, said = call(
        "run", "p.yaml", cwd=definition(tmp_path, "all-wrong", "jobs:\n  a:\n    needs: b\n    rnu: x\n")
    )

    assert (code, out) == (2, "")
    assert all(word in said for word in ("SLW301", "SLW201", "SLW204"))
    assert json.loads(call("runs", "--pipeline", "all-wrong", "--json")[1]) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["lint", "none.yaml"],
        ["run", "none.yaml"],
        ["run"],
        ["rnu"],
        ["show", "x"],
        ["plan", "none.yaml"],
        ["logs"],
        ["run", "p.yaml", "-p", "x"],
    ],
)
def test_wrong_usage_is_exit_code_2_or_says_what_to_do(up, tmp_path, arguments):
    code, _, said = call(*arguments, cwd=definition(tmp_path, "u", "jobs:\n  a:\n    run: 'true'\n"))

    assert code == 2, said


def test_json_lines_of_a_run_end_with_its_result(up, tmp_path):
    _, out, _ = call("run", "p.yaml", "--json", cwd=definition(tmp_path, "as-json", "jobs:\n  a:\n    run: 'true'\n"))

    assert json.loads(out.splitlines()[-1])["status"] == "passed"
    assert "\x1b[" not in out


def test_a_push_to_a_repository_with_the_hook_starts_a_run_and_again_starts_none(up, tmp_path):
    bare = tmp_path / "pushed.git"
    git.git("init", "-q", "--bare", "-b", "main", str(bare))
    assert call("hook", "install", str(bare))[0] == 0
    text = (
        HEAD.format("pushed") + "on: {push: {branches: [main]}}\njobs:\n  a:\n    run: test $SLUICEWAY_BRANCH = main\n"
    )
    repo = Repo.create(tmp_path / "clone", {"sluiceway.yaml": text})
    said = subprocess.run(
        ["git", "push", str(bare), "main"], cwd=repo.path, capture_output=True, text=True, check=True
    ).stderr
    assert "run/pushed/1" in said
    again = subprocess.run(
        [program("sluiceway"), "hook", "receive", "--repo", str(bare)], input=f"{'0' * 40} {repo.head} refs/heads/main\n",
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "run/pushed/1 was started by this delivery before" in again.stdout
    other = subprocess.run(
        ["git", "push", str(bare), "main:feature"], cwd=repo.path, capture_output=True, text=True, check=True
    ).stderr
    assert "branch feature matches none of main" in other
    assert json.loads(call("runs", "--pipeline", "pushed", "--json")[1])[0]["number"] == 1


@pytest.mark.system
def test_a_tag_that_is_pushed_again_starts_another_run_as_the_hook_says(up, tmp_path):
    bare = tmp_path / "again.git"
    git.git("init", "-q", "--bare", "-b", "main", str(bare))
    assert call("hook", "install", str(bare))[0] == 0
    text = HEAD.format("again") + "on: {push: {}}\njobs: {a: {run: 'true'}}\n"
    repo = Repo.create(tmp_path / "again", {"sluiceway.yaml": text})
    git.git("tag", "v1", cwd=repo.path)
    git.git("tag", "tree", "HEAD^{tree}", cwd=repo.path)

    def pushed(*refs):
        command = ["git", "push", "-f", str(bare), *refs]
        return subprocess.run(command, cwd=repo.path, capture_output=True, text=True, check=True).stderr

    assert "running run/again/1: push of v1" in pushed("v1")
    both = pushed(":v1", "tree")
    assert "tag v1 was deleted" in both
    assert "tag tree names a tree, not a commit" in both
    assert "running run/again/2: push of v1" in pushed("v1")


def test_a_foreign_hook_is_never_replaced(up, tmp_path):
    git.git("init", "-q", "--bare", str(tmp_path / "r.git"))
    (tmp_path / "r.git" / "hooks").mkdir(exist_ok=True)
    (tmp_path / "r.git" / "hooks" / "post-receive").write_text("#!/bin/sh\n")

    assert "already" in call("hook", "install", str(tmp_path / "r.git"))[2]


def test_a_pull_request_starts_what_listens_to_it_with_the_changed_files(up, tmp_path):
    text = (
        HEAD.format("pulled")
        + "on: {pull-request: {branches: [main]}}\njobs:\n  a:\n    when: changed('new')\n    run: 'true'\n  b:\n    when: changed('old')\n    run: 'false'\n"
    )
    repo = Repo.create(tmp_path / "r", {"sluiceway.yaml": text, "old": "1"})
    git.git("checkout", "-q", "-b", "topic", cwd=repo.path)
    repo.commit({"new": "x"})
    code, out, _ = call("run", "--event", "pull-request", "--base", "main", "--head", "topic", cwd=repo.path)

    assert code == 0, out
    assert "changed('old') is false" in out


def test_approve_and_reject_need_an_identity_and_say_why_a_decision_does_not_count(up, tmp_path):
    jobs = "jobs:\n  ok:\n    approval: {groups: [managers]}\n"
    call("identity", "add", "manager", "--group", "managers")
    call("identity", "add", "guest")
    run = call("run", "--detach", "p.yaml", cwd=definition(tmp_path, "asked", jobs))[1].strip()
    _until_asked(run)

    assert call("approve", run, "--as", "nobody")[0] == 3
    code, _, said = call("approve", run, "--as", "guest")
    assert (code, "none of those who may decide" in said) == (3, True)
    signed = call("decision", "sign", run, "--as", "manager", "--approve")
    assert json.loads(signed[1])["approver"] == "manager"
    assert "temporal workflow signal" in signed[2]
    mine = f"{pwd.getpwuid(os.getuid()).pw_name}@localhost"
    code, _, said = call("approve", run, "--as", "manager")  # the folder's files are of a user whom nobody registered
    assert (code, "SLW064" in said, f"identity email add NAME {mine}" in said) == (3, True, True)
    assert call("identity", "email", "add", "guest", mine)[0] == 0
    assert "granted" in call("approve", run, "--as", "manager")[1]


def _until_asked(run: str) -> None:
    for _ in range(100):
        if "waiting for" in call("show", run)[1]:
            return
    raise AssertionError("nobody was asked")


def test_apply_checks_all_before_it_registers_any(up, tmp_path):
    (tmp_path / "good.yaml").write_text("apiVersion: sluiceway/v1\nkind: Environment\nname: staging\n")
    (tmp_path / "bad.yaml").write_text("apiVersion: sluiceway/v1\nkind: Environment\nname: x\ntrsut: open\n")

    assert call("apply", "good.yaml", "bad.yaml", cwd=tmp_path)[0] == 2
    assert "registered" in call("apply", "good.yaml", cwd=tmp_path)[1]
    assert "unchanged" in call("apply", "good.yaml", cwd=tmp_path)[1]


def test_logs_follow_a_run_to_its_end_without_a_gap_or_a_repeat(up, tmp_path):
    jobs = "jobs:\n  a:\n    run: for i in $(seq 200); do echo line $i; done; sleep 0.3; echo last\n"
    run = call("run", "--detach", "p.yaml", cwd=definition(tmp_path, "followed", jobs))[1].strip()
    code, out, err = call("logs", run, "-f", "--json")
    numbers = [json.loads(line)["number"] for line in out.splitlines()]

    assert code == 0, err
    assert numbers == list(range(1, 204)), "the level of isolation, the step, and its lines"


def test_the_report_is_one_file_without_anything_from_elsewhere(up, tmp_path):
    call(
        "run",
        "p.yaml",
        cwd=definition(tmp_path, "told", "jobs:\n  a:\n    run: echo '<script>alert(1)</script>'; exit 1\n"),
    )
    page = (tmp_path / call("report", "told/1", cwd=tmp_path)[1].strip()).read_text()

    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_watched_repository_starts_runs_from_pushes_and_uses_jobs_of_another_one(up, tmp_path):
    component = "apiVersion: sluiceway/v1\nkind: Component\nname: c\ninputs: {word: {required: true}}\njobs:\n"
    component += "  say: {run: echo $WORD, env: {WORD: '${{ inputs.word }}'}}\n"
    shared = Repo.create(tmp_path / "shared", {"ci/say.yaml": component})
    uses = f"jobs:\n  a: {{uses: 'git+file://{shared.path}@{shared.head}#ci/say.yaml', with: {{word: from-afar}}}}\n"
    text = HEAD.format("watched") + "on: {push: {}}\n" + uses
    repo = Repo.create(tmp_path / "far", {"sluiceway.yaml": text})
    watch = ("watch", f"file://{repo.path}", "--once")

    assert call(*watch)[1] == ""
    repo.commit({"new": "1"})
    assert "running run/watched/1" in call(*watch)[1]
    assert call(*watch)[1] == ""
    assert "from-afar" in call("logs", "watched/1", "--follow")[1]


def test_a_push_that_came_while_the_engine_was_down_is_delivered_at_the_next_look(up, tmp_path):
    repo = Repo.create(
        tmp_path / "r", {"sluiceway.yaml": HEAD.format("missed") + "on: {push: {}}\njobs: {a: {run: 'true'}}\n"}
    )
    watch = ("watch", str(repo.path), "--once", "--now", "--json")

    assert call(*watch, env={"SLUICEWAY_ADDRESS": "127.0.0.1:1"})[0] == 5
    assert json.loads(call(*watch)[1])["run"] == "run/missed/1"


def test_apply_keeps_the_schedule_of_a_pipeline_in_step(up, tmp_path):
    jobs = "jobs: {{a: {{run: 'true'}}}}\non: {{schedule: [{{cron: '0 {} * * *', time-zone: Europe/Zurich}}]}}\n"

    for hour in (3, 4, 4):
        definition(tmp_path, "timed", jobs.format(hour))
        assert f"0 {hour} * * * Europe/Zurich" in call("apply", "p.yaml", cwd=tmp_path)[1]
        assert asyncio.run(_hours("schedule/timed")) == [hour]
    definition(tmp_path, "timed", "jobs: {a: {run: 'true'}}\n")
    assert "removed" in call("apply", "p.yaml", cwd=tmp_path)[1]
    with pytest.raises(RPCError, match="not found"):
        asyncio.run(_hours("schedule/timed"))


async def _hours(schedule: str) -> list[int]:
    client = await connection.connect(load().temporal_address())
    described = await client.get_schedule_handle(schedule).describe()
    return [calendar.hour[0].start for calendar in described.schedule.spec.calendars]


def test_a_failed_run_is_mended_and_run_again_from_there_with_its_differences(up, tmp_path):
    jobs = "jobs:\n  a:\n    run: echo word=1 >> $SLUICEWAY_OUTPUT\n    outputs: {word: string}\n"
    folder = definition(tmp_path / "d", "repaired", jobs + "  b:\n    needs: a\n    run: 'false'\n")
    assert call("run", "p.yaml", cwd=folder)[0] == 1
    code, out, _ = call("rerun", "repaired/1")
    assert (code, "b                          it was failed" in out) == (1, True)

    definition(folder, "repaired", jobs + "  b:\n    needs: a\n    run: 'true'\n")
    code, out, _ = call("rerun", "repaired/1", "--with-changed-definition")
    assert code == 0, out
    assert "its definition changed" in out
    assert "kept from repaired/1" in call("show", "repaired/1")[1]  # the last attempt, when none is named
    assert "b                          failed" in call("show", "repaired/1.1")[1]
    names = [row["id"] for row in json.loads(call("runs", "--pipeline", "repaired", "--json")[1])]
    assert names == ["run/repaired/1.3", "run/repaired/1.2", "run/repaired/1"]

    told = json.loads(call("diff", "repaired/1.1", "repaired/1.3", "--json")[1])
    assert {(one["job"], one["what"], one["after"]) for one in told if one["what"] != "seconds"} == {
        ("b", "definition", "changed: steps"),
        ("b", "status", "passed"),
    }
    assert call("rerun", "repaired/1")[0] == 3
    assert "did you mean 'a'" in call("rerun", "repaired/1", "--from", "aa")[2]


def test_a_cluster_that_does_not_answer_is_not_registered_and_says_why(up, tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "{apiVersion: v1, kind: Config, current-context: a, users: [], contexts: [{name: a, context: {cluster: a}}],"
        " clusters: [{name: a, cluster: {server: 'http://127.0.0.1:1'}}]}"
    )
    code, out, err = call("cluster", "register", "theirs", "--kubeconfig", str(config))

    assert (code, "Connection refused" in err, "unregistered" in out) == (1, True, False), out + err


@pytest.mark.system
def test_an_engine_whose_ports_were_taken_meanwhile_gets_others(up):
    first = load().engine()
    engine.down(load())
    with socket.create_server(("127.0.0.1", first["temporal_port"])):
        second = engine.up(load())

        assert second["temporal_port"] != first["temporal_port"]
        assert engine.is_up(load())
