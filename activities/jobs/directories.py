"""Where jobs are on the worker's disk; the command line reads there, too, and loads nothing else for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.core import ids as keys


@dataclass(frozen=True)
class JobDirectories:
    """Where the worker keeps what it works on."""

    jobs: Path

    def folder(self, run: str, job: str, attempt: int) -> Path:
        """Of one attempt; the same for every call, whether or not it exists."""
        return self.jobs / keys.job_key(run, job, attempt)

    def unfinished(self, key: str) -> bool:
        """Whether a job, by the name of its folder, was begun and has no result yet."""
        return (self.jobs / key).exists() and not (self.jobs / key / "result.json").exists()
