"""The source of a job: a repository and a commit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceRef:
    """A commit of a repository."""

    repo: str = ""
    """Empty: the job starts in an empty workspace."""
    commit: str = ""
