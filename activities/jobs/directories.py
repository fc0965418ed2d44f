"""Paths of jobs on the worker's disk; also used by the command line, so it imports little."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.core import ids as keys


@dataclass(frozen=True)
class JobDirectories:
    """The worker's working folders."""

    jobs: Path

    def folder(self, run: str, job: str, attempt: int) -> Path:
        """The folder of one attempt; deterministic, whether or not it exists."""
        return self.jobs / keys.job_key(run, job, attempt)

    def unfinished(self, key: str) -> bool:
        """Whether the job of a folder has started and has no result yet."""
        return (self.jobs / key).exists() and not (self.jobs / key / "result.json").exists()
