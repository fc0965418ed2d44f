"""Current details of a release: Markdown for the Temporal UI. Always the weight, the evidence, and what is awaited."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.releases.judge import explain as words
from workflows.releases.messages import ReleaseView


def details(view: ReleaseView, run: str) -> str:
    lines = [
        f"### {view.service} {view.version} to {view.environment}",
        "",
        f"**{view.verdict + ': ' + view.reason if view.verdict else view.doing}**",
        "",
    ]
    if view.waiting_for:
        lines += [f"waits for {view.waiting_for}", ""]
    if view.paused:
        lines += ["paused: it is judged on, and does not go on", ""]
    beside = f" beside {view.previous}" if view.previous else ""
    lines += [f"strategy {view.strategy}{beside}, for {run}", ""]
    if view.percent:
        lines += [f"weight **{view.percent:g} %**, tick {view.tick}", ""]
    if view.evidence:
        lines += ["| metric | new version | stable | evidence | rolls back at |", "|---|---|---|---|---|"]
        lines += [
            f"| {one.metric} | {words.rate(*one.canary)} | {words.rate(*one.stable)} |"
            f" {one.evidence:.1f} | {one.threshold:.1f} |"
            for one in view.evidence
        ]
        lines.append("")
    lines += [
        f"1. {datetime.fromtimestamp(event.at, UTC):%H:%M:%S} {event.what}" + (f": {event.why}" if event.why else "")
        for event in view.story[-30:]
    ]
    return "\n".join(lines)
