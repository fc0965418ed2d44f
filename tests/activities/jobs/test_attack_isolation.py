"""What a job tries at each level of isolation that works here: the rows of docs/isolation.md, with the same steps where
they succeed."""

import json
import os
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, Unpack

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.jobs.activities import JobActivities
from activities.jobs.caches import Caches
from activities.jobs.directories import JobDirectories
from activities.jobs.executors.process import ProcessExecutor
from activities.jobs.isolation.isolation import Isolation
from activities.jobs.isolation.machine import probed
from activities.jobs.port import JobInput
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from activities.supervisor import launch, tree
from domain.jobs.isolation import Level, Network, Reach
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from tests.support.lab import alive, until
from workers.core.records import Records

KEY = "the-private-key-of-lead"


class MoreJob(TypedDict, total=False):
    run_timeout_s: float
    grace_s: float
    memory_mb: int
    outputs: dict[str, str]


class MoreIsolation(TypedDict, total=False):
    disk_mb: int
    least: Level
    reach: Reach


@dataclass(frozen=True)
class Jail:
    """A home with things to steal, and jobs of one level."""

    home: Path
    jobs: JobActivities
    level: Level

    def folder(self, name: str = "j") -> Path:
        return JobDirectories(self.home / "jobs").folder("run/web/1", name, 1)

    async def run(self, *steps: str, name: str = "j", **more: Unpack[MoreJob]) -> JobResult:
        job = Job(name, JobKind.RUN, name, stage="run", steps=tuple(Step(one) for one in steps))
        input = JobInput("run/web/1", replace(job, **more))
        return await ActivityEnvironment().run(self.jobs.run_job, input)

    def said(self, name: str = "j") -> list[str]:
        lines = [json.loads(line) for line in (self.folder(name) / "log.jsonl").read_text().splitlines()]
        return [line["l"] for line in lines if line["o"] in ("out", "err")]


def jail_of(home: Path, level: Level, **more: Unpack[MoreIsolation]) -> Jail:
    if (why := probed(home / "jobs").machine.refused.get(level)) is not None:
        pytest.skip(f"level {level} does not work here: {why}")
    records, store = Records.at(home / "records.db"), FolderStore(home / "store")
    isolation = Isolation(home, most=level, **more)
    assert isolation.level is level
    place = JobDirectories(home / "jobs"), store, records.runs, Mirrors(home / "mirrors"), Caches(store, records.caches)
    return Jail(
        home, JobActivities(*place, executors={"process": ProcessExecutor(isolation)}, permits=Everything()), level
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name in ("home/identities/lead.key", "home/jobs/other-job/workspace/source.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(KEY)
    return tmp_path / "home"


@pytest.fixture(params=list(Level))
def jail(request: pytest.FixtureRequest, home: Path) -> Jail:
    return jail_of(home, request.param)


@pytest.fixture(params=[Level.LANDLOCK, Level.SANDBOX])
def files(request: pytest.FixtureRequest, home: Path) -> Jail:
    """Levels that keep files apart."""
    return jail_of(home, request.param)


THEFTS = {
    "a key of a person": "cat {home}/identities/lead.key",
    "another job's folder": "cat {home}/jobs/other-job/workspace/source.py",
    "the records": "cat {home}/records.db",
    "its own spec": "cat ../spec.json",
    "the list of the home": "ls {home}/identities",
    "a link to it": "ln -s {home}/identities/lead.key k; cat k",
    "the supervisor's memory": "cat /proc/{supervisor}/environ /proc/{supervisor}/mem",
    "the shadow of a process": "cat /proc/*/root{home}/identities/lead.key",
    "its files by a process": "cat /proc/[0-9]*/cwd/../spec.json",
}


@pytest.mark.parametrize("what", THEFTS)
async def test_a_job_reads_nothing_of_the_engine_or_of_other_jobs(files: Jail, what: str):
    step = THEFTS[what].format(home=files.home, supervisor=os.getpid())
    result = await files.run(f"{step} >stolen 2>&1 && echo got || echo refused; cat stolen")

    assert result.status is Status.PASSED, result.reason
    assert "refused" in files.said()
    assert KEY not in " ".join(files.said())


async def test_where_nothing_is_kept_apart_the_same_step_reads_the_key_and_the_log_said_so(home: Path):
    weak = jail_of(home, Level.PROCESS)
    await weak.run(f"cat {home}/identities/lead.key")

    assert weak.said() == [KEY]
    assert "it can read and change all files of the engine's user" in (weak.folder() / "log.jsonl").read_text()


FORGED = json.dumps({"cause": "", "exit_code": 0, "step": 0, "started_at": 1, "ended_at": 2})
WRITES = {
    "status.json": f"echo '{FORGED}' > ../status.json",
    "caches.json": "echo '{}' > ../caches.json",
    "supervisor.json": "echo '{}' > ../supervisor.json",
    "spec.json": "echo '{}' > ../spec.json",
    "log.jsonl": "echo '{}' >> ../log.jsonl",
    "cancel": "touch ../cancel",
    "result.json": "echo '{}' > ../result.json",
}


@pytest.mark.parametrize("name", WRITES)
async def test_a_job_writes_nothing_beside_its_workspace(files: Jail, name: str):
    result = await files.run(f"({WRITES[name]}) 2>/dev/null || echo refused", "echo the check; exit 1")

    assert (result.failure, result.exit_code) == (Failure.EXIT, 1)
    assert files.said()[-1] == "the check"
    if name not in ("log.jsonl", "spec.json", "supervisor.json", "status.json", "result.json"):
        assert not (files.folder() / name).exists()


async def test_a_job_writes_to_its_own_folders(files: Jail):
    step = "echo x > w; echo x > ~/h; echo x > $TMPDIR/t; echo o=1 >> $SLUICEWAY_OUTPUT; python3 -c 'import os' && echo all"
    result = await files.run(step, outputs={"o": "integer"})

    assert files.said() == ["all"], result.reason
    assert result.outputs == {"o": 1}


async def test_the_machines_files_stay_as_they_are(files: Jail):
    target = files.home.parent / "theirs"
    target.write_text("as it was")
    await files.run(f"echo x > {target}; echo x > /etc/sluiceway-test; echo x > /usr/bin/sluiceway-test; true")

    assert target.read_text() == "as it was"
    assert not Path("/etc/sluiceway-test").exists()
    assert not Path("/usr/bin/sluiceway-test").exists()


KILLS_ITS_SUPERVISOR = """
python3 - <<'P'
import json, os, signal
now = 1.0
json.dump({"cause": "", "exit_code": 0, "step": 0, "started_at": now, "ended_at": now}, open("../status.json", "w"))
os.kill(json.load(open("../supervisor.json"))["pid"], signal.SIGKILL)
P
"""


async def test_a_step_that_ends_its_supervisor_and_leaves_a_status_has_not_passed(jail: Jail):
    result = await jail.run(KILLS_ITS_SUPERVISOR, "echo the check; exit 1")

    assert result.status is Status.FAILED
    assert result.failure is (Failure.INFRASTRUCTURE if jail.level is Level.PROCESS else Failure.EXIT)


async def test_a_step_signals_no_process_of_the_engine(files: Jail):
    result = await files.run(
        f"kill -0 {os.getpid()} 2>/dev/null && echo reached || echo refused; kill -0 $$ && echo own"
    )

    assert result.status is Status.PASSED
    assert files.said()[-2:] == ["refused", "own"]


HIDDEN = """
env -i setsid setsid sleep {length} >/dev/null 2>&1 &
( env -i setsid sh -c 'trap "" TERM; sleep {length}; sleep 1' >/dev/null 2>&1 & )
"""


@pytest.mark.parametrize("limit", [MoreJob(run_timeout_s=0.5, grace_s=0.1), MoreJob()])
async def test_nothing_outlives_its_job_though_it_left_session_group_and_marker(jail: Jail, limit: MoreJob):
    length = f"6{time.time_ns() % 10**8}"
    await jail.run(HIDDEN.format(length=length) + ("sleep 60" if limit else "sleep 0.1"), **limit)

    assert [pid for pid in os.listdir("/proc") if pid.isdigit() and length.encode() in _command(pid)] == []


async def test_memory_of_a_process_without_a_marker_counts(jail: Jail):
    eat = "env -i setsid /usr/bin/python3 -c 'x = bytearray(400_000_000); import time; time.sleep(60)' & sleep 30"
    result = await jail.run(eat, memory_mb=60)

    assert "exceeded its memory limit" in result.reason


FILLS = {
    "many files": "for n in 1 2 3 4 5 6; do head -c 8000000 /dev/zero > f$n; done; sleep 20",
    "in the temporary folder": "for n in 1 2 3 4 5 6; do head -c 8000000 /dev/zero > $TMPDIR/f$n; done; sleep 20",
    "files without a name": 'for n in 3 4 5 6 7 8; do eval "exec $n>f; rm f; head -c 8000000 /dev/zero >&$n"; done; sleep 20',
}


@pytest.mark.parametrize("how", FILLS)
async def test_a_job_that_fills_the_disk_is_ended_and_told_so(home: Path, how: str):
    small, roomy = jail_of(home, Level.SANDBOX, disk_mb=20), jail_of(home, Level.SANDBOX, disk_mb=200)
    result = await small.run(FILLS[how])
    fits = await roomy.run(FILLS[how].replace("sleep 20", "sleep 0.2"), name="k")

    assert "SLW032" in result.reason
    assert "the limit is 20,000,000" in result.reason
    assert fits.status is Status.PASSED, fits.reason


async def test_no_file_is_larger_than_the_limit_with_its_holes(home: Path):
    small = jail_of(home, Level.SANDBOX, disk_mb=20)
    await small.run("truncate -s 10M small && echo small; truncate -s 1T huge 2>/dev/null && echo huge; true")

    assert small.said()[0] == "small"
    assert "huge" not in small.said()


async def test_all_processes_of_a_killed_supervisor_end_with_it(home: Path):
    jail = jail_of(home, Level.SANDBOX)
    length = f"7{time.time_ns() % 10**8}"
    job = Job("j", JobKind.RUN, "j", stage="run", steps=(Step(f"env -i setsid sleep {length} & sleep 60"),))
    folder = jail.folder()
    jail.jobs._prepare(JobInput("run/web/1", job), folder, lambda words: None)
    supervisor = launch.start("job", folder, {})
    inside = await until(lambda: [pid for pid in tree.descendants(supervisor) if length.encode() in _command(pid)])
    os.kill(supervisor, 9)

    await until(lambda: not any(alive(pid) for pid in inside))
    await launch.wait_exit(launch.start("job", folder, {}))
    assert launch.read_json(folder / "status.json")["cause"] == "infrastructure"


async def test_no_network_is_none_and_its_own_loopback_is_left(home: Path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        step = f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 2)' 2>/dev/null"
        own = (
            'python3 -c \'import socket; s = socket.create_server(("127.0.0.1", 0));'
            ' socket.create_connection(s.getsockname()); print("own")\''
        )
        both = f"{step} && echo reached || echo refused; {own}"
        apart, shared = (jail_of(home, Level.SANDBOX, reach=Reach(one)) for one in (Network.NONE, Network.MACHINE))
        await apart.run(both, name="apart")
        await shared.run(both, name="shared")

    assert apart.said("apart") == ["refused", "own"]
    assert shared.said("shared") == ["reached", "own"]


@pytest.mark.parametrize("most", [Level.LANDLOCK, Level.PROCESS])
async def test_an_installation_that_demands_more_than_the_machine_has_refuses_jobs(home: Path, most: Level):
    refusing = jail_of(home, most, least=Level.SANDBOX)
    result = await refusing.run("echo never")

    assert "SLW030" in result.reason
    assert (await jail_of(home, most, least=most).run("echo runs", name="k")).status is Status.PASSED


async def test_no_network_is_refused_where_it_cannot_be_kept_away(home: Path):
    result = await jail_of(home, Level.PROCESS, reach=Reach(Network.NONE)).run("echo never")

    assert "SLW031" in result.reason


async def test_a_long_script_is_written_through_no_link_that_a_step_left(jail: Jail):
    target = jail.home / "identities" / "lead.key"
    long = "#" + "x" * 120_000 + "\necho ran\n"
    name = launch_name(long)
    result = await jail.run(f"ln -s {target} $TMPDIR/{name}", long)

    assert result.status is Status.PASSED, result.reason
    assert jail.said() == ["ran"]
    assert target.read_text() == KEY


def launch_name(script: str) -> str:
    from activities.supervisor.shells import file_name

    return file_name(script)


def _command(pid: str | int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
