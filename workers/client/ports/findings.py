"""Findings of a run, and of default branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from workers.client.ports.pages import Page, PageOf

Order = Literal["pipeline", "severity", "age", "due", "path", "owner"]
"""`pipeline`: each pipeline's in turn, by severity. The others put all pipelines together, a hundred at a time."""


@dataclass(frozen=True, kw_only=True)
class FindingFilter:
    """Empty fields filter nothing; of the values of a list one must fit."""

    pipeline: str = ""
    severity: str = ""
    """The least one."""
    tool: str = ""
    text: str = ""
    """In the rule, path or message, in any case."""
    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Of a scanner, or ids of a vulnerability."""
    paths: tuple[str, ...] = ()
    """Patterns: `app/**`, `!app/tests/**`."""
    owners: tuple[str, ...] = ()
    """`none`: those of nobody."""
    states: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    """Of the file: `own`, `test`, `vendored`, ..."""
    older_s: float = 0
    """Known for at least so many seconds."""
    overdue: bool = False
    """Only those whose time by the gate's `sla` is over."""
    order: Order = "pipeline"


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
    repo: str = ""
    branch: str = ""
    commit: str = ""
    """That was scanned."""
    due: float = 0
    """When its time by the gate's `sla` is over, in seconds since the epoch; 0: not known, as in runs."""
    overdue: bool = False
    file_class: str = ""
    package: str = ""
    """Package URL, if the tool gives one."""


class Findings(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not; DefinitionError SLW471, a malformed pattern."""

    async def of_run(self, run: str, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """In the order of the filter."""
        ...

    async def of_default_branch(self, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """Of the last scans of a pipeline's default branch, or of all, in the order of the filter."""
        ...
