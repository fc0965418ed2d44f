"""Follows a release: a live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from domain.core.errors import SluicewayError
from domain.core.terminal import one_line
from domain.releases.judge import explain as words
from domain.releases.judge.ticks import Arm, Tick
from workers.client import releases
from workers.client.client import Engine
from workers.views.output import markup, out
from workers.views.recorded_ticks import lines
from workers.views.style import COLOURS, coloured
from workflows.releases.messages import EvidenceView, ReleaseView

if TYPE_CHECKING:
    from rich.console import Group

POLL_S = 0.25
BAR = 30
RECENT_TICKS = 60
_SPARKS = " ▁▂▃▄▅▆▇█"


async def follow(engine: Engine, ticks: Path, release: str) -> str:
    """Shows each state until the release has ended; returns its verdict."""
    ended = asyncio.create_task(releases.outcome(engine, release))
    show, close = _live(ticks) if sys.stdout.isatty() else (_lines(), lambda: None)
    try:
        while not ended.done():
            with contextlib.suppress(SluicewayError):  # the worker is briefly away
                show(await releases.view(engine, release))
            await asyncio.wait([ended], timeout=POLL_S)
        result = ended.result()
        show(await releases.view(engine, release))
    finally:
        close()
    out(f"{release}: ", coloured(result.verdict), f": {result.reason}")
    return result.verdict


def _lines() -> Callable[[ReleaseView], None]:
    told: list[int] = [0]

    def show(view: ReleaseView) -> None:
        for event in view.story[told[0] :]:
            out(line(event.at, event.what, event.why))
        told[0] = len(view.story)

    return show


def line(at: float, what: str, why: str) -> str:
    """One event; `at` in seconds since the epoch, shown in local time."""
    return f"  {datetime.fromtimestamp(at):%H:%M:%S}  {what}" + (f": {why}" if why else "")


def plain(view: ReleaseView) -> list[str]:
    """One screen as plain lines."""
    beside = f" beside {view.previous}" if view.previous else ""
    return [
        f"{view.id}: {view.service} {view.version} to {view.environment}, {view.strategy}{beside}",
        f"  {'paused; ' if view.paused else ''}{view.doing}",
        *([f"  waits for {view.waiting_for}"] if view.waiting_for else []),
        f"  weight {view.percent:g} %, tick {view.tick}",
        *(f"  {_evidence(one)}" for one in view.evidence),
        *(line(event.at, event.what, event.why) for event in view.story),
    ]


def _evidence(one: EvidenceView) -> str:
    return (
        f"{one.metric:<8} {words.rate(*one.canary)} against {words.rate(*one.stable)};"
        f" evidence {one.evidence:.1f} of {one.threshold:.1f}"
    )


def _live(ticks: Path) -> tuple[Callable[[ReleaseView], None], Callable[[], None]]:
    from rich.live import Live

    live = Live(refresh_per_second=8, transient=False)
    live.start()

    def show(view: ReleaseView) -> None:
        path = ticks / f"{view.id.removeprefix('release/')}.jsonl"
        live.update(picture(view, list(lines(path))[-RECENT_TICKS:], time.time()))

    return show, live.stop


def picture(view: ReleaseView, ticks: list[Tick], now: float) -> Group:
    """Weight, both error rates and the slow requests of the last ticks, and evidence against its threshold."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    colour = COLOURS.get(view.verdict or "running", "white")
    name = markup(f"{view.service} {view.version}")
    title = f"[bold]{name}[/bold] to {markup(view.environment)} by {view.strategy}"
    beside = f" beside {markup(view.previous)}" if view.previous else ""
    head = Text.from_markup(f"{title}{beside}  [{colour}]{view.verdict or 'in progress'}[/{colour}]")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("weight", _bar(view.percent / 100), f"{view.percent:g} %")
    for label, metric in (("failed", "errors"), ("slow", "slow90")):
        for who, arms in (
            (view.version, [tick.canary for tick in ticks]),
            (view.previous, [tick.stable for tick in ticks]),
        ):
            rates = [_rate(arm, metric) for arm in arms]
            total = _total(arms, metric)
            table.add_row(f"{label} {markup(who)}", spark(rates), words.rate(*total) if ticks else "")
    for one in view.evidence:
        full = one.evidence / one.threshold
        table.add_row(f"evidence {one.metric}", _bar(full), f"{one.evidence:.1f} of {one.threshold:.1f}")
    doing = Text.from_markup(f"[yellow]{'paused; ' if view.paused else ''}{markup(view.doing)}[/yellow]")
    waits = [Text(one_line(f"waits for {view.waiting_for}"), style="yellow")] if view.waiting_for else []
    story = [Text(one_line(line(event.at, event.what, event.why)[:200]), style="dim") for event in view.story[-6:]]
    return Group(head, table, doing, *waits, *story)


def _bar(part: float) -> str:
    full = round(BAR * min(max(part, 0), 1))
    return "█" * full + "░" * (BAR - full)


def _rate(arm: Arm, metric: str) -> float:
    events, total = arm.count(metric)
    return events / total if total else 0.0


def _total(arms: Iterable[Arm], metric: str) -> tuple[int, int]:
    counts = [arm.count(metric) for arm in arms]
    return sum(events for events, _ in counts), sum(total for _, total in counts)


def spark(values: list[float]) -> str:
    """The last values as small bars; the scale is at least 5 %, so that noise looks like noise."""
    top = max([0.05, *values])
    return "".join(_SPARKS[round(value / top * (len(_SPARKS) - 1))] for value in values[-BAR:])
