"""Steps as processes of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from activities.jobs.port import Layout, ProgressCallback
from domain.pipelines.job import Job
from domain.pipelines.steps import Step


class ProcessExecutor:
    """Steps are processes of this machine, in the job's own folder."""

    limits_memory = False

    def layout(self, folder: Path) -> Layout:
        """The job's folder itself, with the worker's PATH."""
        return Layout(str(folder), os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"))

    def open(self, job: Job, key: str, folder: Path, secrets: Mapping[str, str], told: ProgressCallback) -> list[str]:
        """Nothing to create: the folder exists."""
        return []

    def command(self, step: Step, key: str, folder: Path) -> list[str]:
        """Always empty: the supervisor starts the step's shell itself."""
        return []

    def after(self, key: str, folder: Path) -> list[str]:
        """Always empty: the supervisor ends the processes."""
        return []

    def close(self, key: str) -> None: ...

    def sweep(self, unfinished: Callable[[str], bool]) -> list[str]:
        """Always empty: it creates nothing outside the job's folder."""
        return []
