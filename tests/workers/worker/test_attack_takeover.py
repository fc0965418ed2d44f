"""What a red team did to the engine by its server alone: each ended as a shell or as a release. Each is refused now."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import asdict
from pathlib import Path

import pytest
from temporalio.client import ActivityFailureError

from domain.authority.seals import CODE
from domain.core.values import Json
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from tests.support.lab import GRACE_S, Lab, connect, prepared, ring_of, until
from tests.support.probe import LIMIT
from tests.support.strangers import Stranger, plain
from workers.client import approvals
from workers.client.client import Engine
from workers.worker import temporal
from workflows.releases.messages import ReleaseInput

APPROVED: Json = {"outcome": "granted", "reason": "approved by lead", "approvers": ["lead"], "records": []}
"""What an approval answers that was granted."""


def release(instance: str, file: Path) -> ReleaseInput:
    """A release whose program leaves a trace."""
    spec = DeploySpec(service="web", version="evil", command=("sh", "-c", f"id > {file}; sleep 5"), router="none")
    deployment = Deployment(service="web", environment="production", instance=instance, spec=spec)
    return ReleaseInput(run="run/shop/1", number=666, target="local", pipeline="shop", deployment=deployment)


async def test_a_release_that_a_stranger_starts_serves_nothing(lab: Lab, temporal_address: str, tmp_path: Path) -> None:
    stranger, file = await Stranger.at(temporal_address), tmp_path / "pwned"
    input, id_ = (
        json.loads(json.dumps(asdict(release("r666", file)))),
        f"release/web/production/{secrets.randbelow(10**9)}",
    )
    await stranger.start("Release", id_, lab.engine.queue, plain(input))
    assert CODE in await stranger.failure(id_)
    assert not file.exists()


async def test_a_release_that_our_own_process_starts_is_heard(lab: Lab, tmp_path: Path) -> None:
    id_ = f"release/web/production/{secrets.randbelow(10**9)}"
    handle = await lab.engine.client.start_workflow(
        "Release", release("r667", tmp_path / "own"), id=id_, task_queue=lab.engine.queue
    )
    await until(lambda: handle.query("view", result_type=dict))
    await handle.terminate()


async def test_a_job_that_no_run_asks_for_is_not_begun(lab: Lab, temporal_address: str, tmp_path: Path) -> None:
    """What a web page posted to the HTTP port, as that port hands it on."""
    stranger, file = await Stranger.at(temporal_address), tmp_path / "pwned"
    job = {"id": "a", "kind": "run", "steps": [{"run": f"id > {file}"}]}
    handle = await stranger.client.start_activity(
        "run-job", {"run": "run/y/1", "job": job}, id=f"b-{secrets.token_hex(4)}",
        task_queue=f"{lab.engine.queue}-jobs", start_to_close_timeout=LIMIT,
    )  # fmt: skip
    with pytest.raises(ActivityFailureError) as failed:
        await handle.result()
    assert CODE in str(failed.value.__cause__)
    assert not file.exists()


async def test_the_same_job_of_a_run_is_done(lab: Lab, tmp_path: Path) -> None:
    result, _ = await lab.run("jobs:\n  a: {run: 'id > done; test -s done'}\n")
    assert result.status == "passed"


@pytest.mark.parametrize("signed", [False, True])
async def test_an_approval_counts_by_its_signature_and_never_by_a_worker_s_word(
    temporal_address: str, tmp_path: Path, signed: bool
) -> None:
    """A stranger ends the approval as granted while no worker of ours runs; then one comes back."""
    made = prepared(temporal_address, tmp_path)
    client, queue = await connect(temporal_address, made.settings.home), f"test-{secrets.token_hex(6)}"
    ours = Lab(made.settings, Engine(client, queue), made.records, made.wired)
    ring = ring_of(made.settings.home)

    def working() -> temporal.Workers:
        return temporal.worker(client, made.wired.activities, ring, queue, grace_s=GRACE_S, debug=True)

    ours.identity("lead")
    async with working():
        run = await ours.start("jobs:\n  ok:\n    approval: {users: [lead], allow: {author: true}}\n")
        await ours.until_asked(run)
        if signed:
            decision = await approvals.sign(ours.engine, run, "ok", "lead", True, "", made.settings.keys)
            assert (await approvals.decide(ours.engine, run, "ok", decision)).counted
            assert (await ours.result(run)).status == "passed"
            return
    id_, stranger = f"approval/{run.removeprefix('run/')}/ok", await Stranger.at(temporal_address)
    ended = asyncio.create_task(stranger.end_workflow(queue, id_, plain(APPROVED)))
    await stranger.signal(id_, "approve", plain({"approver": "x"}))
    await asyncio.wait_for(ended, 120)
    async with working():
        result = await ours.result(run)
    assert (result.status != "passed", CODE in result.reason) == (True, True)
    assert (await stranger.events(run, "workflow_execution_failed_event_attributes")) != []
