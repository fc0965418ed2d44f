"""The control group of a job, by the files of both versions; version 1 is also what CI's kernel has."""

import os
from pathlib import Path

import pytest

from activities.supervisor.cgroup import Group


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A hierarchy of version 2 as systemd lays it out: the worker's own group cannot be divided."""
    own = tmp_path / "system.slice" / "sluiceway.service"
    own.mkdir(parents=True)
    (own.parent / "cgroup.subtree_control").write_text("cpu memory pids\n")
    (tmp_path / "own").write_text("0::/system.slice/sluiceway.service\n")
    job = own.parent / "sluiceway-job-k"
    job.mkdir()
    for name in ("memory.max", "pids.max", "cgroup.procs", "cgroup.kill"):
        (job / name).touch()
    return job


def made(job: Path) -> Group:
    root = job.parent.parent
    group = Group.made("k", 1_000, 20, str(root), str(root / "own"))
    assert group is not None
    return group


def test_limits_and_the_kill_of_version_2_are_one_file_each(second: Path):
    group = made(second)
    group.join()
    group.kill()

    written = {name: (second / name).read_text() for name in ("memory.max", "pids.max", "cgroup.procs", "cgroup.kill")}
    assert written == {"memory.max": "1000", "pids.max": "20", "cgroup.procs": "0", "cgroup.kill": "1"}


@pytest.mark.parametrize(("count", "out"), [("0", False), ("1", True)])
def test_a_process_that_the_kernel_ended_for_its_memory_is_seen(second: Path, count: str, out: bool):
    (second / "memory.events").write_text(f"low 0\nhigh 0\nmax 3\noom 1\noom_kill {count}\n")

    assert made(second).out_of_memory() is out


def test_where_no_group_can_be_made_there_is_none(tmp_path: Path):
    (tmp_path / "own").write_text("0::/\n")

    assert Group.made("k", 1_000, 20, str(tmp_path), str(tmp_path / "own")) is None


@pytest.mark.skipif(os.getuid() != 0, reason="only root may make groups here")
def test_memory_over_the_limit_is_refused_by_the_kernel_itself():
    group = Group.made(f"test-{os.getpid()}", 50_000_000, 100)
    if group is None:
        pytest.skip("this machine lets no group be made")
    child = os.fork()
    if not child:
        group.join()
        bytearray(200_000_000)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    out = group.out_of_memory()
    group.remove()

    assert (code, out) == (-9, True)
