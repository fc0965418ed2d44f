"""Current details of a cluster: Markdown for the Temporal UI."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.clusters.lifecycle import Status
from workflows.clusters.entry_messages import Entry
from workflows.clusters.messages import ClusterState
from workflows.clusters.remediation_messages import HealState

SHOWN = 15


def text(state: ClusterState) -> str:
    """The cluster as Markdown, for the current details in the Temporal UI."""
    spec, health = state.spec, state.health
    lines = [
        f"### cluster {spec.name}: {state.status} since {_time(state.since)}",
        "",
        f"provider {spec.provider}"
        + (f", {spec.nodes} nodes requested" if spec.ours else "")
        + (f", {health.ready} of {health.nodes} ready, {health.version}" if health.version else ""),
    ]
    if health.cpu:
        lines.append(f"capacity: {health.cpu:g} cores, {health.memory_mb:,} MB, {health.pods:,} pods")
    if state.status not in (Status.READY, Status.DELETED, Status.FAILED):
        lines += ["", f"**waits for {state.phase}** of {state.operation}"]
    if state.blocker:
        one = state.blocker
        lines += ["", f"**blocked** in {one.phase} since {_time(one.since)} ({one.owner}): {one.reason}"]
    if health.trouble:
        lines += ["", f"its API does not respond: {health.trouble}"]
    return "\n".join([*lines, *_table(state.log)])


def healing(state: HealState) -> str:
    """Automatic repair as Markdown, for the current details in the Temporal UI."""
    seen, policy = state.seen, state.policy
    unready = sum(not one.ready for one in seen.nodes) if seen else 0
    total = seen.total if seen else 0
    limits = f"at most {policy.max_unready:.0%} of the nodes, {policy.actions_an_hour} actions an hour"
    lines = [f"### automatic repair of cluster {state.cluster}: {unready} of {total} nodes are not ready", ""]
    lines.append(f"{'dry run, ' if policy.dry_run else ''}{limits}")
    lines += [f"- {one.target}: {one.refusal or one.remedy} ({one.reason})" for one in state.decisions[:SHOWN]]
    return "\n".join([*lines, *_table(state.log)])


def _table(log: list[Entry]) -> list[str]:
    rows = [f"| {_time(entry.at)} | {entry.words.replace('|', '/')[:160]} |" for entry in log[-SHOWN:]]
    return ["", "| when | what |", "|---|---|", *rows]


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC" if at else "now"
