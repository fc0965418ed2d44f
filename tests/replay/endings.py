"""Ends that people filter by: failed, refused, expired and cancelled, for the replay tests."""

from __future__ import annotations

from temporalio.client import WorkflowHandle

from activities.releases.targets.memory import MemoryTarget
from tests.support.lab import Lab, until
from workers.client import approvals, runs

SHIP = """jobs:
  ship:
    environment: {environment}
    deploy: {{service: web, version: "{version}", command: [x]}}
"""
ASK = "jobs:\n  ok:\n    approval: {users: [one], expires: EXPIRES}\n"


async def ended(lab: Lab, target: MemoryTarget) -> dict[str, WorkflowHandle]:
    """By the names of their histories."""
    failed = await lab.start("jobs:\n  a:\n    run: exit 3\n", name="ended-failed")
    await lab.result(failed)
    refused = await lab.start(ASK.replace("EXPIRES", "1h"), name="ended-refused")
    job = await lab.until_asked(refused)
    decision = await approvals.sign(lab.engine, refused, job, "one", False, "", lab.settings.keys)
    await approvals.decide(lab.engine, refused, job, decision)
    await lab.result(refused)
    expired = await lab.start(ASK.replace("EXPIRES", "300ms"), name="ended-expired")
    await lab.result(expired)
    ids = {"run-ended-failed": failed, "run-ended-refused": refused}
    ids |= {
        "approval-ended-refused": f"approval/{refused[4:]}/ok",
        "approval-ended-expired": f"approval/{expired[4:]}/ok",
    }
    ids |= await _released(lab, target)
    return {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in ids.items()}


async def _released(lab: Lab, target: MemoryTarget) -> dict[str, str]:
    """A version that is never ready, and one whose run is cancelled while it starts."""
    await lab.result(await lab.start(SHIP.format(version="1", environment="ends"), name="ends-1"))
    target.never_ready = {"2"}
    back = await lab.start(SHIP.format(version="2", environment="ends"), name="ends-2")
    await lab.result(back)
    target.stuck = {"3"}
    target.actions.clear()
    stopped = await lab.start(SHIP.format(version="3", environment="ends"), name="ends-3")
    await until(lambda: "start r3" in target.actions)
    await runs.cancel(lab.engine, stopped, "not needed")
    await lab.result(stopped)
    return {
        "run-ended-rolled-back": back,
        "release-ended-rolled-back": "release/web/ends/2",
        "run-ended-cancelled": stopped,
        "release-ended-cancelled": "release/web/ends/3",
    }
