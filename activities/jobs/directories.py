"""Paths of jobs on the worker's disk; also used by the command line, so it imports little."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from activities.core.files import remove_tree
from domain.core import ids as keys


@dataclass(frozen=True)
class JobDirectories:
    """The worker's working folders."""

    jobs: Path

    def folder(self, run: str, job: str, attempt: int) -> Path:
        """The folder of one attempt; deterministic, whether or not it exists."""
        return self.jobs / keys.job_key(run, job, attempt)

    @staticmethod
    def made(folder: Path) -> Path:
        """The empty workspace in a new, private folder of a job, whatever was there.

        The workspace itself has the mode that steps expect of folders: it ends up in images and archives.
        """
        remove_tree(folder)
        folder.mkdir(parents=True)
        for name, mode in (("", 0o700), ("workspace", 0o755), ("home", 0o700), ("tmp", 0o700)):
            (folder / name).mkdir(exist_ok=True)
            (folder / name).chmod(mode)
        (folder / "outputs").touch(0o600)
        return folder / "workspace"

    def unfinished(self, key: str) -> bool:
        """Whether the job of a folder has started and has no result yet."""
        return (self.jobs / key).exists() and not (self.jobs / key / "result.json").exists()
