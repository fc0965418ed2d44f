"""What the demo says at its end: a row for each version."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass
class RunRow:
    """One run of the demo, as its summary lists it."""

    version: int
    outcome: str
    stopped_by: str
    seconds: float


@dataclass(frozen=True)
class ReleaseRow:
    """One release of the demo, as its summary lists it."""

    version: int
    strategy: str
    verdict: str
    requests: int
    failed_requests: int
    seconds: float


def table(runs: list[RunRow], releases: list[ReleaseRow]) -> None:
    """Prints the table."""
    made = Table(title="\nversions", title_justify="left", box=None, header_style="bold dim")
    for heading in ("version", "outcome", "stopped by", "release", "requests", "failed", "seconds"):
        made.add_column(heading)
    by_version = {row.version: row for row in releases}
    for run in runs:
        row = by_version.get(run.version)
        release = (row.verdict, str(row.requests), str(row.failed_requests)) if row else ("", "", "")
        made.add_row(str(run.version), run.outcome, run.stopped_by, *release, f"{run.seconds:.1f}")
    Console().print(made)
