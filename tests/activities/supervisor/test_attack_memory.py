"""A job at level `process` is the worker's user: it looks into what holds the secrets of other jobs."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.supervised import job

USER = os.getuid() or 65_534
"""Never root: that one has the right to look everywhere."""
REPOSITORY = Path(__file__).parents[3]
WORKER = """
import sys, time
from pathlib import Path
from activities.supervisor import launch
pid = launch.start("job", Path(sys.argv[1]), {"TOKEN": "s3cret"})
while not (Path(sys.argv[1]) / "log.jsonl").exists():
    time.sleep(0.01)
print(pid, launch.FORKS.pid, flush=True)
time.sleep(60)
"""
LOOK = "import sys; [open(f'/proc/{sys.argv[1]}/{name}', 'rb').read(1) for name in ('environ', 'maps')]"


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="sluiceway-"))
    yield job(made / "job", "sleep 60")
    shutil.rmtree(made)


READER = ("setpriv", f"--reuid={USER}", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
"""Another user who may read every folder, as Python and this repository may lie in one of root's; a process's memory is
kept from it all the same: that takes CAP_SYS_PTRACE (`__ptrace_may_access` of kernel/ptrace.c)."""


def as_user(*words: str) -> subprocess.Popen[bytes]:
    command = [*(READER if os.getuid() == 0 else ()), sys.executable, "-c", *words]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=-1, stderr=-1)


def can_look_into(pid: int) -> bool:
    with as_user(LOOK, str(pid)) as looking:
        _, words = looking.communicate()
    assert looking.returncode == 0 or b"PermissionError" in words, words
    return looking.returncode == 0


def test_supervisors_and_what_forks_them_are_not_looked_into_and_the_worker_is(folder: Path):
    for path in (folder.parent, folder, *folder.rglob("*")):
        os.chown(path, USER, -1)
    with as_user(WORKER, str(folder)) as worker:
        try:
            assert worker.stdout is not None
            supervisor, server = map(int, worker.stdout.readline().split())
            assert not can_look_into(supervisor)
            assert not can_look_into(server)
            assert can_look_into(worker.pid)
        finally:
            (folder / "cancel").touch()
            worker.kill()
