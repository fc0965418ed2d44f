"""The fork server: a supervisor of its own for each job, whatever happens to the server or the worker."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.supervisor import fork_client, launch, program, tree
from activities.supervisor.fork_client import ForkServer
from tests.support.lab import until
from tests.support.supervised import job


@pytest.fixture
def forks(monkeypatch) -> Iterator[ForkServer]:
    server = ForkServer()
    monkeypatch.setattr(launch, "FORKS", server)
    yield server
    server.close()


def said(folder: Path) -> list[str]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [line["l"] for line in lines if line["o"] == "out"]


async def passed(folder: Path) -> bool:
    await launch.wait_exit(launch.start("job", folder, {}), 30)
    return launch.read_json(folder / "status.json").get("cause") == ""


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


async def test_supervisors_are_children_of_one_server_and_are_told_apart(forks, tmp_path):
    folders = [job(tmp_path / name, "sleep 60") for name in ("a", "b")]
    pids = [launch.start("job", folder, {}) for folder in folders]
    await until(lambda: all(map(launch.running, folders)))
    running = [launch.running(folder) for folder in folders]
    words = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids]
    for folder in folders:
        (folder / "cancel").touch()

    assert running == pids
    assert [parent(pid) for pid in pids] == [forks.pid, forks.pid]
    assert [str(folder).encode() in word for folder, word in zip(folders, words, strict=True)] == [True, True]
    assert [os.getsid(pid) for pid in pids] == pids


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into a process that is not dumpable")
async def test_a_supervisor_has_nothing_of_the_worker_or_of_other_jobs(forks, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_WORKER", "x")
    kept = os.open(tmp_path / "open", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(kept, True)
    launch.start("job", job(tmp_path / "other", "sleep 60"), {"TOKEN": "of-another-job"})
    pid = launch.start("job", job(tmp_path / "mine", "sleep 60"), {})
    await until(lambda: (tmp_path / "mine" / "log.jsonl").exists() and tree.children(pid))
    handles = [os.readlink(f"/proc/{pid}/fd/{name}") for name in os.listdir(f"/proc/{pid}/fd")]
    variables = Path(f"/proc/{pid}/environ").read_bytes()
    for name in ("other", "mine"):
        (tmp_path / name / "cancel").touch()
    os.close(kept)

    files = {one for one in handles if one.startswith("/") and not one.startswith("/dev/")}
    assert files == {str(tmp_path / "mine" / name) for name in ("lock", "log.jsonl", "supervisor.err")}
    assert not [one for one in handles if "socket:" in one]
    assert {one.split(b"=")[0] for one in variables.split(b"\0") if one} == {b"PATH"}
    assert len(os.listdir(f"/proc/{forks.pid}/task")) == 1


async def test_ended_supervisors_are_reaped(forks, tmp_path):
    for name in ("a", "b", "c"):
        assert await passed(job(tmp_path / name, "true"))

    await until(lambda: not tree.children(forks.pid))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_killed_server_costs_no_job_and_is_started_again(forks, tmp_path, number):
    running = job(tmp_path / "running", "sleep 0.5; echo went-on")
    supervisor = launch.start("job", running, {})
    first = forks.pid
    os.kill(first, number)
    await until(lambda: not tree.start_time(first))

    assert await passed(job(tmp_path / "next", "echo hello"))
    assert forks.pid not in (0, first)
    await launch.wait_exit(supervisor, 30)
    assert said(running) == ["went-on"]


async def test_a_server_that_hangs_is_replaced(tmp_path, monkeypatch):
    forks = ForkServer(patience_s=0.5)
    monkeypatch.setattr(launch, "FORKS", forks)
    assert await passed(job(tmp_path / "first", "true"))
    first = forks.pid
    os.kill(first, signal.SIGSTOP)

    assert await passed(job(tmp_path / "next", "true"))
    assert forks.pid != first
    assert not tree.start_time(first)
    forks.close()


async def test_without_a_server_a_job_has_a_program_of_its_own(forks, tmp_path, monkeypatch):
    monkeypatch.setattr(fork_client, "MODE", "nonsense")

    assert await passed(job(tmp_path / "a", "true"))
    assert await passed(job(tmp_path / "b", "true"))
    assert forks.pid == 0


WORKER = """
import sys, time
from pathlib import Path
from activities.supervisor import launch
print(launch.start("job", Path(sys.argv[1]), {}), launch.FORKS.pid, flush=True)
time.sleep(60)
"""


async def test_a_job_outlives_its_killed_worker_and_the_server_does_not(tmp_path):
    folder = job(tmp_path / "a", "until [ -e go ]; do sleep 0.01; done; echo went-on")
    with subprocess.Popen([sys.executable, "-c", WORKER, str(folder)], stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        supervisor, server = map(int, worker.stdout.readline().split())
        worker.kill()
    await until(lambda: not tree.start_time(server))

    assert launch.running(folder) == supervisor
    (folder / "workspace" / "go").touch()
    await launch.wait_exit(supervisor, 30)
    assert said(folder) == ["went-on"]


async def test_secrets_come_by_a_pipe_of_the_job_and_are_masked(forks, tmp_path):
    folder = job(tmp_path / "a", 'echo "$TOKEN"; [ "$TOKEN" = s3cret-value ] && echo right')
    await launch.wait_exit(launch.start("job", folder, {"TOKEN": "s3cret-value"}), 30)

    assert said(folder) == ["***", "right"]


def test_the_program_of_supervisors_is_called_without_the_engine_s_packages():
    assert program.command("job")[1:3] == ["-I", "-S"]
