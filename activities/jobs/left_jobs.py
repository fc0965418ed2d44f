"""Jobs that run on without an activity: left to an attempt that may never come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from temporalio import activity
from temporalio.client import Client

from activities.core import takeover
from activities.core.files import write_atomically
from activities.core.takeover import Attempt, Fate
from activities.supervisor import launch

CLAIM = "attempt.json"
PATIENCE_S = 5.0


def claimed(folder: Path) -> None:
    """Notes which attempt of which activity has the job; nothing without a server."""
    try:
        mine = Attempt.mine(activity.client())
    except RuntimeError:  # a test's environment
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / CLAIM, json.dumps(mine.document()))


async def _stop(folder: Path) -> None:
    """At once: nobody waits for what the job would still do."""
    (folder / "cancel").touch()
    (folder / "cancel-now").touch()
    if pid := launch.running(folder):
        await launch.wait_exit(pid, PATIENCE_S)


@dataclass(frozen=True)
class LeftJobs:
    """The jobs of this worker's disk."""

    jobs: Path

    async def stop_abandoned(self, client: Client) -> list[str]:
        """Stops jobs whose execution has ended, as by a terminate, or that were begun again elsewhere."""
        stopped = []
        for path in list(self.jobs.glob(f"*/{CLAIM}")):
            folder = path.parent
            if (folder / "result.json").exists() or not launch.running(folder):
                continue
            fate = await takeover.look(client, Attempt.load(launch.read_json(path)))
            if fate in (Fate.STOP, Fate.ELSEWHERE):
                await _stop(folder)
                stopped.append(folder.name)
        return stopped
