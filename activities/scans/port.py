"""The port of scanners, and the messages and signatures of scan activities."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from temporalio import activity

from activities.core.port import Completed
from activities.jobs.port import JobInput
from domain.core.values import number
from domain.jobs.result import JobResult
from domain.scans.failures import ScannerFailed as ScannerFailed
from domain.scans.files.model import Entry
from domain.scans.findings.model import Cleared, Finding, ToolReport
from domain.scans.rescan import Alarm, Running
from domain.scans.units import UnitScopes


@dataclass(frozen=True, kw_only=True)
class ScannerResult:
    """A tool's report on one target, with the evidence that it scanned everything."""

    version: str
    findings: tuple[Finding, ...]
    looked: frozenset[str] = frozenset()
    """What the tool says it has read: paths relative to the target, unless `unit` says otherwise."""
    expected: frozenset[str] = frozenset()
    """What it should have read. Compared as a set: a file too many never stands for one that is missing."""
    unit: str = "file"
    uncounted: tuple[int, int] = (0, 0)
    """For a tool that counts and does not name: how many things it has read, and how many it should have."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Path of a file, or of an archive's member (`a.zip!b.py`), to the reason why it was not read, or only in part."""
    missing: str = ""
    """Why it is incomplete besides that; empty: it is not."""
    database_date: str = ""
    documents: dict[str, bytes] = field(default_factory=dict)
    """Other output, such as an SBOM (`sbom`)."""
    cleared: tuple[Cleared, ...] = ()
    """What it has followed and found harmless."""

    @property
    def files_scanned(self) -> int:
        """How many things were read."""
        return len(self.looked) + self.uncounted[0]

    @property
    def files_expected(self) -> int:
        """How many should have been."""
        return len(self.expected) + self.uncounted[1]

    @property
    def missed(self) -> frozenset[str]:
        """What should have been read and was not."""
        return self.expected - self.looked

    def gap(self, told_as: Callable[[str], str] = str, excluded: Callable[[str], bool] = lambda path: False) -> str:
        """Why it is incomplete, with the names of what was missed first; empty: it is complete.

        `told_as`: the path of a file in the target; `excluded`: of such a path, whether the scan leaves it out anyway.
        """
        told = []
        reasons = {told_as(path): f"{told_as(path)} ({why})" for path, why in self.problems.items()}
        missed = {told_as(path) for path in self.missed}
        for names, how in ((missed, ""), (reasons.keys() - missed, "fully ")):
            kept = [reasons.get(name, name) for name in names if not excluded(name.partition("!")[0])]
            told += [unread(kept, self.unit, how)] if kept else []
        read, wanted = self.uncounted
        if read < wanted:
            told.append(f"{read:,} of {number(wanted, self.unit)} were read")
        return "; ".join([*told, *([self.missing] if self.missing else [])])


MAX_NAMED = 5


def unread(names: Iterable[str], unit: str = "file", how: str = "") -> str:
    """Names the first of what was not read, and counts the others."""
    every = sorted(names)
    more = f" and {number(len(every) - MAX_NAMED, 'other')}" if len(every) > MAX_NAMED else ""
    were = "was" if len(every) == 1 else "were"
    return f"{number(len(every), unit)} {were} not {how}scanned: {', '.join(every[:MAX_NAMED])}{more}"


class Scanner(Protocol):
    """Scans one folder and reports findings; never decides whether they are acceptable.

    Idempotent: it reads the folder, and writes only into the scratch folder.
    """

    name: str
    canary: tuple[str, str, str]
    """A test file's name and text, and the rule that must report it."""

    def absent(self) -> str:
        """Why an optional scanner is not installed; a required one returns nothing and fails when it runs."""
        ...

    def digests(self) -> Mapping[str, str]:
        """SHA-256 of `tool`, and of `rules` and `database` if any: what its findings depend on."""
        ...

    async def run(self, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Runs the tool.

        Raises:
            OSError: the tool is missing.
        """
        ...

    def parse(self, target: Path, scratch: Path, completed: Completed) -> ScannerResult:
        """Parses the report.

        Raises:
            ScannerFailed: the report is missing or malformed.
        """
        ...


class ResultCache(Protocol):
    """Cached reports, keyed by everything that they depend on."""

    def get(self, key: str) -> ToolReport | None:
        """None: the scanner must run."""
        ...

    def put(self, key: str, report: ToolReport) -> None:
        """Replaces the cached report."""
        ...


@runtime_checkable
class OfCode(Protocol):
    """A scanner that gets the view of the code (view.py) as its target instead of the folder itself."""

    of_code: bool


@runtime_checkable
class OfHistory(Protocol):
    """A scanner of a repository's history instead of a folder."""

    of_history: bool


@runtime_checkable
class Beside(Protocol):
    """A scanner that leaves to another one what that does better."""

    def beside(self, tools: Collection[str]) -> Scanner:
        """The scanner for a scan in which all of these run."""
        ...


@runtime_checkable
class ByUnit(Protocol):
    """A scanner that judges each unit of a folder on its own, so that what has not changed is not scanned again."""

    def unit_of(self, path: str) -> str:
        """The unit of a file: a name for files that it reads together, empty for a file of its own."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A scanner of a whole folder that works out itself what a change alters.

    It finds its earlier state as the file EARLIER in its scratch folder, and leaves the one of now as STATE.
    """

    remembering: bool


EARLIER, STATE = "earlier.json", "state.json"


@dataclass(frozen=True)
class History:
    """A repository, for scanners that read all commits."""

    repository: Path
    """Bare repository; its HEAD is the commit."""
    commit: str


@dataclass(frozen=True)
class Target:
    """What is scanned."""

    root: Path
    """Real path of a folder; scanners never get a link."""
    digest: str = ""
    """Digest of its content, the cache key; empty: no caching."""
    history: History | None = None
    """Its commits, if there are any."""
    scopes: UnitScopes = field(default=UnitScopes(), kw_only=True)
    """Whose earlier scans of single files count here."""
    source: bool = True
    """Whether its files are a project's; not those of an image or of a machine."""
    absent: tuple[Entry, ...] = ()
    """What belongs to it and is not here, such as submodules."""
    exclude: tuple[str, ...] = ()
    """Patterns of paths that the scan leaves out."""
    ignored: int = 0
    """Files that git ignores, and that are not here."""


Keep = Callable[[bytes], Awaitable[str]]


@dataclass(frozen=True)
class Rescanned:
    """The rescan of one live version."""

    key: str
    alarm: Alarm | None = None
    report: str = ""
    """Digest of the new report; empty: nothing to save."""
    note: str = ""
    """Why there is no result, or that nothing changed."""
    findings: int = 0


class RescanActivities(Protocol):
    """Signatures of the activities; implemented in rescan.py."""

    @activity.defn(name="running")
    async def running(self) -> list[Running]:
        """All live versions, from the environments' workflows."""
        ...

    @activity.defn(name="rescan")
    async def rescan(self, what: Running) -> Rescanned:
        """Matches the stored SBOM again, and compares with the last report."""
        ...

    @activity.defn(name="remember-rescan")
    async def remember(self, what: Running, done: Rescanned) -> None:
        """Saves the new report; called after people were notified."""
        ...

    @activity.defn(name="roll-back")
    async def roll_back(self, found: Alarm, id_: str) -> str:
        """Releases the previous version again, unless it is no better; returns a text. Idempotent by the id."""
        ...

    @activity.defn(name="block-image")
    async def block(self, found: Alarm) -> str:
        """Closes the image's gate; returns a text."""
        ...


class ScanActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="scan")
    async def scan(self, input: JobInput) -> JobResult:
        """Runs all scanners of the job in parallel. Findings are not failures: a gate judges them."""
        ...


class GateActivities(Protocol):
    """Signatures of the activities; implemented in gate.py."""

    @activity.defn(name="gate")
    async def gate(self, input: JobInput) -> JobResult:
        """Judges reports. A closed gate is a result, with its reasons."""
        ...
