"""Runs: list, look, follow, start, cancel, run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """Empty fields filter nothing."""

    pipeline: str = ""
    status: str = ""
    branch: str = ""
    text: str = ""
    """In the id, commit, branch, author or message."""


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One attempt of a run, as lists show it. Times are seconds since the epoch."""

    id: str
    pipeline: str
    number: int
    attempt: int
    status: str
    reason: str = ""
    stopped_by: str = ""
    commit: str = ""
    branch: str = ""
    event: str = ""
    """Kind of the event."""
    author: str = ""
    message: str = ""
    started_at: float = 0
    ended_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """One attempt of a job. Times are seconds since the epoch."""

    id: str
    kind: str
    stage: str
    status: str
    attempt: int = 1
    reason: str = ""
    needs: tuple[str, ...] = ()
    started_at: float | None = None
    ended_at: float | None = None
    has_log: bool = False
    environment: str = ""
    reused_from: str = ""
    """Id of the attempt that it is kept from; empty: it ran here."""


@dataclass(frozen=True, kw_only=True)
class JobLeft:
    """What one attempt of a job left."""

    job: str
    attempt: int
    status: str
    exit_code: int = 0
    outputs: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    """Name to digest in the store."""
    log: str = ""
    """Digest; so is that of its report of findings, tests or decisions."""
    report: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RunResults:
    """What the jobs of a run left, and what started it."""

    event: Mapping[str, Any] = field(default_factory=dict)
    """As it was recorded: kind, repository, commits, people, files, parameters."""
    jobs: tuple[JobLeft, ...] = ()
    """Every ended attempt, in the order of their start."""
    more: int = 0
    """Attempts that are left out: the first 1,000 are told, of 8 MB together."""


@dataclass(frozen=True, kw_only=True)
class WaitRow:
    """What a run waits for."""

    job: str
    text: str
    since: float = 0
    approval: str = ""
    """Workflow id of an approval that can be decided (`approval/web-shop/7/release-approval`); empty: nobody can."""


@dataclass(frozen=True, kw_only=True)
class RunDetails:
    """A run with its jobs."""

    row: RunRow
    jobs: tuple[JobRow, ...] = ()
    """In the order of the plan; those that have not begun, too."""
    earlier: tuple[JobRow, ...] = ()
    """Attempts before the last one of jobs that were tried again, in the order of their start."""
    waits: tuple[WaitRow, ...] = ()
    releases: tuple[str, ...] = ()
    """Ids of the releases that it made."""
    attempts: tuple[str, ...] = ()
    """Ids of all attempts, oldest first."""
    errors: tuple[str, ...] = ()
    """That the engine meets with it now."""
    has_report: bool = False
    temporal: str = ""
    """Path of its execution in the Temporal UI."""
    can_rerun: bool = False
    answers: bool = True
    """Whether the engine said what it waits for; always, once it has ended."""
    results: RunResults | None = None
    """None: nobody asked for them."""


@dataclass(frozen=True)
class LogLine:
    """One line of a job's log, masked."""

    number: int
    """From 1."""
    at: float
    stream: str
    """`out`, `err`, `step` or `engine`."""
    text: str


@dataclass(frozen=True, kw_only=True)
class LogPart:
    """A part of a log, in order."""

    lines: tuple[LogLine, ...] = ()
    first: int = 0
    """Number of its first line; 0: it has none."""
    total: int = 0
    """Lines so far."""
    ended: bool = False
    """Whether nothing follows the last one."""


@dataclass(frozen=True, kw_only=True)
class StartRun:
    """What a person starts by hand."""

    pipeline: str
    branch: str = ""
    """Empty: the default branch of the pipeline's repository."""
    params: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NewAttempt:
    """A new attempt of a run, and what runs in it."""

    id: str
    again: Mapping[str, str] = field(default_factory=dict)
    """Job, cell or item to why it runs again; only the first of very many."""
    count: int = 0
    """How many run again."""
    jobs: int = 0
    """How many the plan has."""


@dataclass(frozen=True)
class ParamField:
    """A parameter of a pipeline, for a form."""

    name: str
    kind: str
    """`text`, `number`, `yes-no`, `choice`."""
    default: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class PipelineRow:
    """A pipeline that the engine knows, with its last run."""

    name: str
    repository: str = ""
    path: str = ""
    last: RunRow | None = None
    runs: int = 0


class Runs(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not; SLW911, there is no such run."""

    async def list(self, which: RunFilter, page: PageOf) -> Page[RunRow]:
        """Newest first; only what the caller may read."""
        ...

    async def pipelines(self, page: PageOf) -> Page[PipelineRow]:
        """By name."""
        ...

    async def show(self, run: str, *, results: bool = False) -> RunDetails:
        """`run/NAME/N` or `NAME/N`: its latest attempt; `NAME/N.A`: that one.

        `results`: with what its jobs left, for whoever may read their logs.
        """
        ...

    async def log(self, run: str, job: str, attempt: int = 1, *, first: int = 0, limit: int = 500) -> LogPart:
        """Lines from `first` on; 0: the last ones."""
        ...

    async def search(self, run: str, job: str, attempt: int, text: str, *, limit: int = 200) -> tuple[int, ...]:
        """Numbers of the first lines that hold the text, in any case."""
        ...

    async def report(self, run: str) -> bytes:
        """The HTML report.

        Raises:
            SluicewayError: SLW913, it has none.
        """
        ...

    async def params(self, pipeline: str) -> tuple[ParamField, ...]:
        """Of the definition at the head of the default branch."""
        ...

    async def start(self, what: StartRun, key: str) -> str:
        """Starts a run and returns its id. `key`: the same one starts it once."""
        ...

    async def cancel(self, run: str, reason: str, *, now: bool = False, key: str = "") -> str:
        """Stops a run; returns a sentence of what happens."""
        ...

    async def rerun(
        self, run: str, *, everything: bool = False, job: str = "", changed: bool = False, key: str = ""
    ) -> NewAttempt:
        """Runs the failed jobs again, or all, or those from a job on (`test[py=3.12]`, `shard[3]`).

        `changed`: with the definition as it is now, which whoever may start the pipeline may wish for.
        """
        ...
