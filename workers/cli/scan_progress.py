"""What a person sees while scanners run: which of them, and for how long. Nothing of it is in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from domain.core.values import number
from workers.views.output import markup, out, styled

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from activities.scans.running.progress import Progress
    from domain.scans.findings.model import ToolReport


class _Lines:
    """Without a terminal: only what was asked for, such as the findings of --changed."""

    def began(self, tool: str) -> None:
        """Nothing."""

    def ended(self, report: ToolReport) -> None:
        """Nothing."""

    def said(self, text: str) -> None:
        """On standard error."""
        out(styled(" ".join(text.split()), dim=True), err=True)


class _Shown:
    """A line per scanner, with its time; they are gone when the report is printed."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def began(self, tool: str) -> None:
        """A line that turns."""
        self._tasks[tool] = self._bars.add_task(markup(tool), total=1)

    def ended(self, report: ToolReport) -> None:
        """How it ended, and its time stands still."""
        said = f"{report.tool}: {report.state}, {number(len(report.findings), 'finding')}"
        if report.tool in self._tasks:
            self._bars.update(self._tasks[report.tool], completed=1, description=markup(said))

    def said(self, text: str) -> None:
        """Above the lines, to stay."""
        self._bars.console.print(markup(" ".join(text.split())), style="dim", highlight=False)


@contextmanager
def shown(quiet: bool) -> Iterator[Progress]:
    """Progress as it suits standard error."""
    if quiet:
        from activities.scans.running.progress import Silent

        yield Silent()
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = SpinnerColumn(finished_text=" "), TextColumn("{task.description}"), TimeElapsedColumn()
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            yield _Shown(bars)
