"""Compares a simulated run with the expectations of its test case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from domain.core.documents import Object
from domain.core.values import duration_text
from domain.jobs import result as results
from domain.jobs.result import JobResult, Status
from domain.pipelines.job import JobKind
from domain.pipelines.plan import Plan


@dataclass(frozen=True)
class Observed:
    """The observed result of a simulated run."""

    status: str
    reason: str = ""
    _: KW_ONLY
    jobs: Mapping[str, JobResult] = field(default_factory=dict)
    """Job, cell or item to its result, in the order of completion."""
    asked: tuple[str, ...] = ()
    """Approvals, of jobs and of releases."""
    gates: Mapping[str, str] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)
    """Service to verdict."""
    notices: tuple[str, ...] = ()
    seconds: float = 0
    """Virtual time."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a test case asserts; None, or empty for a text or mapping: not asserted."""

    status: str = ""
    reason: str = ""
    ran: tuple[str, ...] | None = None
    skipped: Mapping[str, str] | None = None
    """Job to a part of its reason."""
    failed: tuple[str, ...] | None = None
    asked: tuple[str, ...] | None = None
    gates: Mapping[str, str] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Object] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    at_least_s: float = 0
    at_most_s: float | None = None


@dataclass(frozen=True)
class Miss:
    """One expectation that does not hold."""

    what: str
    expected: str
    actual: str


def misses(wanted: Expected, seen: Observed) -> list[Miss]:
    """Expectations that do not hold; empty: the case passes. Only what is mentioned is checked."""
    return [*_run(wanted, seen), *_sets(wanted, seen), *_details(wanted, seen)]


def _run(wanted: Expected, seen: Observed) -> Iterator[Miss]:
    if wanted.status and wanted.status != seen.status:
        yield Miss("status", wanted.status, f"{seen.status} ({seen.reason})")
    if wanted.reason and wanted.reason not in seen.reason:
        yield Miss("reason", wanted.reason, seen.reason)
    low, high = wanted.at_least_s, wanted.at_most_s
    if seen.seconds < low or (high is not None and seen.seconds > high):
        most = f", at most {duration_text(high)}" if high is not None else ""
        yield Miss("duration", f"at least {duration_text(low)}{most}", duration_text(seen.seconds))


def _sets(wanted: Expected, seen: Observed) -> Iterator[Miss]:
    of = {status: [id_ for id_, job in seen.jobs.items() if job.status is status] for status in Status}
    bad = [id_ for id_, job in seen.jobs.items() if job.status in results.BAD]
    ran = [id_ for id_, job in seen.jobs.items() if job.status is not Status.SKIPPED and job.began]
    for what, names, actual in (
        ("ran", wanted.ran, ran),
        ("skipped", None if wanted.skipped is None else tuple(wanted.skipped), of[Status.SKIPPED]),
        ("failed", wanted.failed, bad),
        ("approvals", wanted.asked, seen.asked),
    ):
        if names is not None and not _same(names, actual):
            yield Miss(what, ", ".join(names) or "none", ", ".join(actual) or "none")


def _same(names: Iterable[str], actual: Iterable[str]) -> bool:
    """Every given name matches an actual one, and the reverse: by its own name, or its group's."""
    ids = list(actual)
    named = [{id_ for id_ in ids if covers(name, id_)} for name in names]
    return all(named) and set().union(*named) == set(ids)


def covers(name: str, id_: str) -> bool:
    """Whether a job name in a test case means this id: the id itself, or the job of a cell or item."""
    return name in (id_, id_.partition("[")[0])


def _details(wanted: Expected, seen: Observed) -> Iterator[Miss]:
    for job, part in (wanted.skipped or {}).items():
        for id_, result in seen.jobs.items():
            if covers(job, id_) and result.status is Status.SKIPPED and part not in result.reason:
                yield Miss(f"why {id_} was skipped", part, result.reason)
    for what, names, actual in (
        ("gate", wanted.gates, seen.gates),
        ("release", wanted.releases, seen.releases),
    ):
        for name, expected in names.items():
            if actual.get(name) != expected:
                yield Miss(f"{what} {name}", expected, actual.get(name, "missing"))
    for job, outputs in wanted.outputs.items():
        known = seen.jobs[job].outputs if job in seen.jobs else {}
        for name, value in outputs.items():
            if known.get(name) != value:
                yield Miss(f"output {job}.{name}", repr(value), repr(known.get(name)))
    for part in wanted.notices:
        if not any(part in notice for notice in seen.notices):
            yield Miss("notification", part, "; ".join(seen.notices) or "none")


@dataclass(frozen=True)
class Reached:
    """A job, or a branch of its condition, that no case covers."""

    job: str
    what: str


def unreached(plan: Plan, seen: Iterable[Observed]) -> list[Reached]:
    """In plan order; cells and items count for their job."""
    ran: set[str] = set()
    skipped: set[str] = set()
    failed: set[str] = set()
    for one in seen:
        for id_, result in one.jobs.items():
            group = id_.partition("[")[0]
            (skipped if result.status is Status.SKIPPED else ran).add(group)
            if result.status in results.BAD:
                failed.add(group)
    found = []
    for job in {job.group: job for job in plan.jobs}.values():
        if job.group not in ran:
            found.append(Reached(job.group, "never ran"))
        elif job.when and job.group not in skipped:
            found.append(Reached(job.group, f"was never skipped, although it runs only if {job.when}"))
        if job.group in ran and job.kind in (JobKind.GATE, JobKind.APPROVAL) and job.group not in failed:
            found.append(Reached(job.group, "was never closed" if job.kind is JobKind.GATE else "was never refused"))
    return found
