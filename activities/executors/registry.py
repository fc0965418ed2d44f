"""Every executor by the name that definitions use."""

from __future__ import annotations

from pathlib import Path

from activities.executor import Executor, ProcessExecutor
from activities.executors.docker import DockerExecutor


def executors(home: Path) -> dict[str, Executor]:
    return {"process": ProcessExecutor(), "docker": DockerExecutor(home)}
