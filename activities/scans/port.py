"""The port of scanners: what each is asked, and what it found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from temporalio import activity

from activities.core.port import Completed
from activities.jobs.port import JobInput
from domain.jobs.result import JobResult
from domain.scans.findings.model import Finding, ToolReport
from domain.scans.rescan import Alarm, Running


class ScannerFailed(Exception):  # noqa: N818  (an outcome of a scan, not an error of ours)
    """The tool's output is not a report; the text says why."""


@dataclass(frozen=True)
class ScannerResult:
    """What one tool says of one target, with what proves that it looked at all of it."""

    version: str
    findings: tuple[Finding, ...]
    files_scanned: int
    files_expected: int = 0
    missing: str = ""
    """What had to be looked at and was not; empty: nothing."""
    database_date: str = ""
    documents: dict[str, bytes] = field(default_factory=dict)
    """What else it has made, such as an SBOM (`sbom`)."""


class Scanner(Protocol):
    """Looks at one folder and reports what it found; never decides whether that is acceptable.

    May be called twice for the same folder; reads it and writes only into the scratch folder.
    """

    name: str
    canary: tuple[str, str, str]
    """A file's name and text, and the rule that must speak of it."""

    def absent(self) -> str:
        """Why it is not there, when it may be missing; a scanner that must be there says nothing and fails."""
        ...

    def digests(self) -> Mapping[str, str]:
        """SHA-256 of `tool`, and of `rules` and `database` where it has them: what its findings depend on."""
        ...

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Raises OSError when the tool is missing."""
        ...

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Raises:
        ScannerFailed: there is no report, or it cannot be read.
        """
        ...


class ResultCache(Protocol):
    """Reports of tools by what they depend on."""

    def get(self, key: str) -> ToolReport | None:
        """None: the scanner must run."""
        ...

    def put(self, key: str, report: ToolReport) -> None:
        """Replaces what was kept under the key."""
        ...


@runtime_checkable
class OfHistory(Protocol):
    """A scanner that is given a repository instead of a folder of files."""

    of_history: bool


@dataclass(frozen=True)
class History:
    """A repository, for scanners that read all commits."""

    repository: Path
    """Bare; its HEAD is the commit."""
    commit: str


@dataclass(frozen=True)
class Target:
    """What is scanned."""

    root: Path
    """Real path of a folder; scanners are never given a link."""
    digest: str = ""
    """Of its content; with it, results of earlier scans are used again."""
    history: History | None = None
    """All that led to it, where there is such a thing."""


Keep = Callable[[bytes], Awaitable[str]]


@dataclass(frozen=True)
class Rescanned:
    """What one look at one running version gave."""

    key: str
    alarm: Alarm | None = None
    report: str = ""
    """Digest of what is known now; empty: nothing to remember."""
    note: str = ""
    """Why there is no answer, or that there is nothing new to look at."""
    findings: int = 0


class RescanActivities(Protocol):
    """As workflows call them; their implementation is in rescan.py."""

    @activity.defn(name="running")
    async def running(self) -> list[Running]:
        """What is live, as the environments' own workflows say."""
        ...

    @activity.defn(name="rescan")
    async def rescan(self, what: Running) -> Rescanned:
        """Matches the stored SBOM again, and compares it with what was known."""
        ...

    @activity.defn(name="remember-rescan")
    async def remember(self, what: Running, done: Rescanned) -> None:
        """Counts as known from now on; called after people were told."""
        ...

    @activity.defn(name="roll-back")
    async def roll_back(self, found: Alarm, id_: str) -> str:
        """Releases the previous version again, unless it is no better; what is done, in words. Idempotent by the id."""
        ...

    @activity.defn(name="block-image")
    async def block(self, found: Alarm) -> str:
        """The image's gate counts as closed from now on; what is done, in words."""
        ...


class ScanActivities(Protocol):
    """As workflows call them; their implementation is in activities.py."""

    @activity.defn(name="scan")
    async def scan(self, input: JobInput) -> JobResult:
        """All scanners of the job at once. Findings are not failures here: a gate judges them."""
        ...


class GateActivities(Protocol):
    """As workflows call them; their implementation is in gate.py."""

    @activity.defn(name="gate")
    async def gate(self, input: JobInput) -> JobResult:
        """Whether reports let a run go on. A gate that stays closed is a result, with its reasons."""
        ...
