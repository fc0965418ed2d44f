"""Current details of a request: Markdown for the Temporal UI."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.clusters.requests import OPEN, subject_of
from workflows.clusters.request_messages import RequestState

SHOWN = 20


def details(state: RequestState) -> str:
    """What is asked for, what it waits for, and its story."""
    asked = state.asked
    lines = [f"### {subject_of(asked)} in cluster {asked.cluster}: {state.status}", ""]
    if state.status in OPEN:
        lines += [f"**{state.why}**", ""]
    lines += [f"* {name}: {asked.before.get(name, 0):g} to {value:g}" for name, value in sorted(asked.values.items())]
    lines += [f"* from namespace {one}" for one in asked.allow_from] + [f"* to {one}" for one in asked.allow_to]
    lines += [f"* until {_time(asked.until)}"] if asked.until else []
    rows = [f"| {_time(one.at)} | {one.words.replace('|', '/')[:160]} |" for one in state.story[-SHOWN:]]
    return "\n".join([*lines, "", "| when | what |", "|---|---|", *rows])


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
