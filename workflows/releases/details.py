"""Current details of releases and environments: Markdown for the Temporal UI. Always shows what they wait for."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.queues import queue
from domain.queues.queue import Queue
from domain.releases.judge import explain as words
from workflows.releases.messages import EnvironmentState, ReleaseView


def release_details(view: ReleaseView, run: str) -> str:
    """The release as Markdown, for the current details in the Temporal UI."""
    lines = [
        f"### {view.service} {view.version} to {view.environment}",
        "",
        f"**{view.verdict + ': ' + view.reason if view.verdict else view.doing}**",
        "",
    ]
    if view.waiting_for:
        lines += [f"waits for {view.waiting_for}", ""]
    if view.paused:
        lines += ["paused: still judged, with unchanged traffic", ""]
    beside = f" beside {view.previous}" if view.previous else ""
    lines += [f"strategy {view.strategy}{beside}, for {run}", ""]
    if view.percent:
        lines += [f"weight **{view.percent:g} %**, tick {view.tick}", ""]
    lines += _evidence(view)
    lines += [
        f"1. {_clock(event.at)} {event.what}" + (f": {event.why}" if event.why else "") for event in view.story[-30:]
    ]
    return "\n".join(lines)


def waves_details(view: ReleaseView, run: str) -> str:
    """A release over many clusters as Markdown."""
    lines = [
        f"### {view.service} {view.version} to {view.environment}",
        "",
        f"**{view.verdict + ': ' if view.verdict else ''}{view.reason or view.doing}**",
        "",
    ]
    lines += [f"waits for {view.waiting_for}", ""] if view.waiting_for else []
    turn, part = ("turn", "service") if view.services else ("wave", "cluster")
    lines += [f"for {run}", "", f"| {turn} | {part} | standing | weight | since | |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {one.wave} | {one.cluster} | {one.standing} | {f'{one.percent:g} %' if one.percent else ''} |"
        f" {_clock(one.since) if one.since else ''} | {one.reason} |"
        for one in view.clusters
    ]
    lines.append("")
    lines += _evidence(view)
    lines += [
        f"1. {_clock(event.at)} {event.what}" + (f": {event.why}" if event.why else "") for event in view.story[-30:]
    ]
    return "\n".join(lines)


def _evidence(view: ReleaseView) -> list[str]:
    """Of a release's own requests; of one over many: of all of them together."""
    if not view.evidence:
        return []
    return [
        "| metric | new version | stable | evidence | rolls back at |",
        "|---|---|---|---|---|",
        *(
            f"| {one.metric} | {words.rate(*one.canary)} | {words.rate(*one.stable)} |"
            f" {one.evidence:.1f} | {one.threshold:.1f} |"
            for one in view.evidence
        ),
        "",
    ]


def environment_details(state: EnvironmentState, lock: Queue, now: float) -> str:
    """Lock holder, waiting releases, and live versions. `now`: seconds since the epoch."""
    holder = lock.holders[0].who if lock.holders else "free"
    lines = [f"### environment {state.name}", "", f"lock: {holder}"]
    lines += [f"* {who} waits: {place}" for who, place in queue.words(lock, now).items()]
    lines += ["", "| service | live | release |", "|---|---|---|"]
    lines += [
        f"| {service} | {live[-1].spec.version} | {live[-1].instance} |"
        for service, live in sorted(state.live.items())
        if live
    ]
    lines += [
        f"* {service} {warm.deployment.spec.version} is on standby until {_clock(warm.until)}"
        for service, warm in sorted(state.warm.items())
    ]
    lines += [f"* {one.words()}" for _, many in sorted(state.unended.items()) for one in many]
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}"
