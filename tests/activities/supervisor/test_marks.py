"""Processes are found by a mark of their job and home: nobody ends those of another engine on the machine."""

import os
import signal
from pathlib import Path

import pytest

from activities.supervisor import launch, tree
from domain.core import ids
from tests.support.lab import until
from tests.support.supervised import job

KEY = ids.job_key("run/web/1", "test", 1)


async def begun(home: Path, *, marked: bool) -> tuple[Path, int]:
    """A job of the home, whose supervisor was killed, and its process that went on. `marked`: by home."""
    folder = home / "jobs" / KEY
    more = {"mark": tree.mark(KEY, str(folder))} if marked else {}
    job(folder, "echo $$ > pid; exec sleep 60", key=KEY, jail=None, **more)
    supervisor = launch.start("job", folder, {})
    said = folder / "workspace" / "pid"
    await until(lambda: said.exists() and said.read_text().strip())
    os.kill(supervisor, signal.SIGKILL)
    await launch.wait_exit(supervisor)
    return folder, int(said.read_text())


@pytest.mark.parametrize("marked", [True, False], ids=["of this version", "of an earlier version"])
async def test_what_a_lost_supervisor_left_is_found_and_nothing_of_another_home(tmp_path, marked):
    _, others = await begun(tmp_path / "a", marked=True)
    folder, mine = await begun(tmp_path / "b", marked=marked)
    try:
        await launch.wait_exit(launch.start("job", folder, {}), 30)

        assert launch.read_json(folder / "status.json")["lost"] is True
        assert not tree.start_time(mine)
        assert tree.start_time(others)
    finally:
        os.kill(others, signal.SIGKILL)


def test_the_same_job_of_two_homes_has_two_marks(tmp_path):
    marks = {tree.mark(KEY, str(tmp_path / home / "jobs" / KEY)) for home in ("a", "b")}

    assert len(marks) == 2
