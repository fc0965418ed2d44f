"""Current details of a pod: Markdown for the Temporal UI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.pods.status import ENDED, PodStatus
from workflows.pods.messages import PodInput, Transition

SHOWN = 20


def details(input: PodInput, status: PodStatus, transitions: Sequence[Transition]) -> str:
    """The pod and its last transitions as Markdown, for the current details in the Temporal UI."""
    lines = [
        f"### pod {input.namespace}/{input.name} in {input.cluster}: {status.phase}",
        "",
        f"on {status.node}" if status.node else "not scheduled yet",
    ]
    if status.phase not in ENDED:
        lines += ["", f"**waiting for the pod to end**{f': {status.reason}' if status.reason else ''}"]
    lines += ["", "| when | phase | reason |", "|---|---|---|"]
    lines += [
        f"| {datetime.fromtimestamp(t.at, UTC):%H:%M:%S} UTC | {t.phase} | {t.reason[:160].replace('|', '/')} |"
        for t in transitions[-SHOWN:]
    ]
    return "\n".join(lines)
