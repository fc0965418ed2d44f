"""Follows a release, near and far: a live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from domain.core.terminal import one_line
from domain.releases.judge import explain as words
from workers.client.ports.releases import EvidenceRow, ReleaseDetails, Releases
from workers.views import release_parts
from workers.views.output import markup, out
from workers.views.style import COLOURS, coloured

if TYPE_CHECKING:
    from rich.console import Group

POLL_S = 0.5
BAR = 30
RECENT_TICKS = 60
_SPARKS = " ▁▂▃▄▅▆▇█"
Show = Callable[[ReleaseDetails], None]


async def follow(releases: Releases, release: str) -> str:
    """Shows each state until the release has ended; returns its verdict."""
    pictured = sys.stdout.isatty() and find_spec("rich") is not None  # the thin client has no library for live views
    show, close = _live() if pictured else (_lines(), lambda: None)
    try:
        while True:
            details = await releases.show(release)
            show(details)
            if details.row.ended_at is not None:
                break
            await asyncio.sleep(POLL_S)
    finally:
        close()
    out(f"{release}: ", coloured(details.row.verdict), f": {details.row.reason}")
    return details.row.verdict


def _lines() -> Show:
    told: list[int] = [0]
    weights: dict[str, float] = {}

    def show(details: ReleaseDetails) -> None:
        for event in details.story[told[0] :]:
            out(line(*event))
        told[0] = max(told[0], len(details.story))
        for change in release_parts.weights(details, weights):
            out(line(time.time(), change))

    return show


def line(at: float, sentence: str) -> str:
    """One event; `at` in seconds since the epoch, shown in local time."""
    return f"  {datetime.fromtimestamp(at):%H:%M:%S}  {sentence}"


def plain(details: ReleaseDetails) -> Iterator[str]:
    """One screen of a release under way as plain lines."""
    row = details.row
    beside = f" beside {details.previous}" if details.previous else ""
    yield f"{row.id}: {row.service} {row.version} to {row.environment}, {row.strategy}{beside}"
    yield f"  {'paused; ' if details.paused else ''}{details.doing}"
    if details.waiting_for:
        yield f"  waits for {details.waiting_for}"
    tick = f", tick {details.tick}" if details.tick >= 0 else ""
    if details.clusters:
        yield from release_parts.lines(details)
    else:
        yield f"  weight {details.percent:g} %{tick}"
    yield from (f"  {_evidence(one)}" for one in details.evidence)
    yield from (line(*event) for event in details.story)


def explained(details: ReleaseDetails) -> Iterator[str]:
    """The decisions of an ended release, with the numbers that they are based on."""
    row = details.row
    beside = f" beside {details.previous}" if details.previous else ""
    yield f"{row.id}: version {row.version} by {row.strategy or 'recreate'}{beside}: {row.verdict}"
    yield f"  {row.reason}"
    yield ""
    yield from (line(*event) for event in details.story)
    if details.clusters and details.evidence:
        yield from ("", *release_parts.together(details))
    if details.judged:
        yield ""
        yield from (f"  {sentence}" for sentence in details.judged)


def _evidence(one: EvidenceRow) -> str:
    return (
        f"{one.metric:<8} {words.rate(one.canary_events, one.canary_requests)}"
        f" against {words.rate(one.stable_events, one.stable_requests)};"
        f" evidence {one.evidence:.1f} of {one.threshold:.1f}"
    )


def _live() -> tuple[Show, Callable[[], None]]:
    from rich.live import Live

    live = Live(refresh_per_second=8, transient=False)
    live.start()
    return lambda details: live.update(picture(details)), live.stop


def picture(details: ReleaseDetails) -> Group:
    """Weight, both error rates and the slow requests of the last ticks, and evidence against its threshold."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    row = details.row
    colour = COLOURS.get(row.verdict or "running", "white")
    title = f"[bold]{markup(f'{row.service} {row.version}')}[/bold] to {markup(row.environment)} by {row.strategy}"
    beside = f" beside {markup(details.previous)}" if details.previous else ""
    head = Text.from_markup(f"{title}{beside}  [{colour}]{row.verdict or 'in progress'}[/{colour}]")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    if not details.clusters:
        table.add_row("weight", _bar(details.percent / 100), f"{details.percent:g} %")
        for cells in _rates(details):
            table.add_row(*cells)
    for one in details.evidence:
        full = one.evidence / one.threshold if one.threshold else 0
        table.add_row(f"evidence {one.metric}", _bar(full), f"{one.evidence:.1f} of {one.threshold:.1f}")
    doing = Text.from_markup(f"[yellow]{'paused; ' if details.paused else ''}{markup(details.doing)}[/yellow]")
    waits = [Text(one_line(f"waits for {details.waiting_for}"), style="yellow")] if details.waiting_for else []
    story = [Text(one_line(line(*event)[:200]), style="dim") for event in details.story[-6:]]
    parts = [release_parts.picture(details)] if details.clusters else []
    return Group(head, *parts, table, doing, *waits, *story)


def _rates(details: ReleaseDetails) -> Iterator[tuple[str, str, str]]:
    """Of both versions: the last ticks, and all that was counted of a metric."""
    ticks, counted = details.ticks[-RECENT_TICKS:], {one.metric: one for one in details.evidence}
    for label, metric, share in (("failed", "errors", "errors"), ("slow", "slow90", "slow")):
        one = counted.get(metric)
        for arm, version in (("canary", details.row.version), ("stable", details.previous)):
            events, requests = (getattr(one, f"{arm}_{what}", 0) for what in ("events", "requests"))
            bars = spark([getattr(tick, f"{arm}_{share}") for tick in ticks])
            yield f"{label} {markup(version)}", bars, words.rate(events, requests) if one else ""


def _bar(part: float) -> str:
    full = round(BAR * min(max(part, 0), 1))
    return "█" * full + "░" * (BAR - full)


def spark(values: list[float]) -> str:
    """The last values as small bars; the scale is at least 5 %, so that noise looks like noise."""
    top = max([0.05, *values])
    return "".join(_SPARKS[round(value / top * (len(_SPARKS) - 1))] for value in values[-BAR:])
