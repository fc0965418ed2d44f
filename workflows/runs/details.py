"""Current details of a run: Markdown for the Temporal UI. Always shows what it waits for, and since when."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from domain.core.values import duration_text
from workflows.runs.messages import JobView, RunInput, RunView

MAX_ROWS = 40


def running(input: RunInput, views: Mapping[str, JobView], running: Iterable[str], waiting: Mapping[str, str]) -> str:
    """Cheap on purpose: rendered at every change."""
    event = input.event
    again = f", attempt {input.attempt}: other results are kept from {input.earlier}" if input.earlier else ""
    lines = [
        f"### {input.pipeline} #{input.number}{again}",
        "",
        f"commit `{event.commit[:12]}` {event.tag or event.branch} by {event.author or '-'}",
        f"started by {event.actor or '-'}",
        "",
    ]
    for job, what in waiting.items():
        whose = f" (job {job}, since {_since(views.get(job))})" if job else ""
        lines.append(f"**waits for {what}**{whose}")
    rows = [views[id_] for id_ in list(running)[:MAX_ROWS] if id_ in views]
    if rows:
        lines += ["", "| running | stage | attempt | since |", "|---|---|---|---|"]
        lines += [f"| {row.id} | {row.stage} | {row.attempt} | {_since(row)} |" for row in rows]
    return "\n".join(lines)


def ended(view: RunView, problems: tuple[str, ...]) -> str:
    """An ended run as Markdown, for the current details in the Temporal UI; at most 20 problems."""
    lines = [f"### {view.id}: {view.status}", "", view.reason, ""]
    if problems:
        lines += ["```", *problems[:20], "```"]
    if view.jobs:
        lines += ["| job | stage | result | took | why |", "|---|---|---|---|---|"]
        lines += [
            f"| {job.id} | {job.stage} | {job.status} | {duration_text(job.seconds)} | {job.reason[:120]} |"
            for job in view.jobs[:MAX_ROWS]
        ]
    return "\n".join(lines)


def _since(view: JobView | None) -> str:
    return _clock(view.began_at) if view and view.began_at else "now"


@functools.lru_cache(maxsize=1000)
def _clock(at: float) -> str:
    """Kept: rows are told again at every change, and many jobs begin together."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC"
