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
        return self.jobs / keys.job_key(run, job, attempt)

    def unfinished(self, key: str) -> bool:
        return (self.jobs / key).exists() and not (self.jobs / key / "result.json").exists()
