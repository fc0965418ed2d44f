"""Findings of a run, and of default branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class FindingFilter:
    """Empty fields filter nothing."""

    pipeline: str = ""
    severity: str = ""
    """The least one."""
    tool: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """One finding."""

    fingerprint: str
    severity: str
    kind: str
    rule: str
    tool: str
    title: str
    path: str = ""
    line: int = 0
    state: str = ""
    """As reports say it: `new`, `escalated`, `existing`, `suppressed`, ...; `accepted`: by a signed baseline."""
    counts: bool = True
    """Whether gates count it."""
    owner: str = ""
    first_seen: float = 0
    message: str = ""
    fix: str = ""
    pipeline: str = ""
    job: str = ""
    """That scanned."""


class Findings(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not."""

    async def of_run(self, run: str, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """By severity."""
        ...

    async def of_default_branch(self, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """Of the last scans of a pipeline's default branch, by severity; of all, by pipeline and severity."""
        ...
