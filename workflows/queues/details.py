"""Current details of a concurrency group: Markdown for the Temporal UI."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.queues import queue
from workflows.queues.messages import QueueState

SHOWN = 60


def details(state: QueueState, now: float) -> str:
    """`now`: seconds since the epoch."""
    group, places = state.queue, queue.words(state.queue, now)
    lines = [
        f"### concurrency group {state.group}",
        "",
        f"{len(group.holders)} of {group.limit} slots are taken, {len(places)} wait ({group.order})",
        "",
        "| who | since | |",
        "|---|---|---|",
    ]
    lines += [f"| {one.who} | {_clock(one.since)} | holds a slot |" for one in group.holders[:SHOWN]]
    lines += [f"| {one.who} | {_clock(one.asked_at)} | {places[one.who]} |" for one in group.in_order()[:SHOWN]]
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}"
