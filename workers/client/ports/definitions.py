"""Definitions: check and plan a text, as the command line does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from workers.client.ports.runs import JobRow


@dataclass(frozen=True)
class Remark:
    """What is wrong with a definition, and where."""

    code: str
    severity: str
    line: int
    column: int
    what: str
    fix: str = ""


@dataclass(frozen=True)
class Planned:
    """The jobs that an event would run."""

    remarks: tuple[Remark, ...]
    jobs: tuple[JobRow, ...] = ()
    """In the order of the plan; those that are skipped, too. At most 2,000."""
    starts: bool = True
    """Whether the event starts a run; without a trigger for pushes, by hand."""
    reason: str = ""


class Definitions(Protocol):
    """Reads text only: no file of the server, no repository."""

    async def lint(self, text: str) -> tuple[Remark, ...]:
        """In the order of lines; empty: it is valid."""
        ...

    async def plan(self, text: str, branch: str = "main") -> Planned:
        """For a push to the branch."""
        ...
