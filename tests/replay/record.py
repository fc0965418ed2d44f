"""Records the histories that test_replay.py replays: `python -m tests.replay.record`. Only new scenarios are written:
a history that is committed stands for runs that are under way somewhere, and stays."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from temporalio.client import WorkflowHandle

from activities.clusters.providers.memory import MemoryProvider
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from activities.runs.port import Rerun
from activities.supervisor.service import answers, free_port
from activities.triggers.port import ScheduledDelivery
from domain.runs.rerun import From, RerunRequest
from tests.replay import SCENE
from tests.replay.clusters import lived
from tests.replay.continued import continued
from tests.replay.dialled import dialled
from tests.replay.endings import ended
from tests.replay.in_a_cluster import in_a_cluster, windowed
from tests.replay.inventory import inventoried
from tests.replay.judged import judged
from tests.replay.quick import quick
from tests.replay.requested import requested
from tests.replay.restarted import restarted
from tests.replay.scanned import attacked, held, rescanned
from tests.replay.together import together
from tests.replay.waves import waved
from tests.replay.witness import witnessed
from tests.support.advisories import ADVISORY, learn
from tests.support.fakes import on_memory
from tests.support.lab import HEAD, Lab, prepared, until
from tests.workflows.clusters.test_provision import TEMPLATE
from workers.client import approvals
from workers.client import runs as run_calls
from workers.engine import embedded as engine

SCENE_S = 300.0
"""Some wait for tools; none takes so long."""
T = TypeVar("T")
HISTORIES = Path(__file__).parent / "histories"
JOBS = """jobs:
  list:
    run: echo 'items=[1,2]' >> $SLUICEWAY_OUTPUT
    outputs: {items: list}
  each:
    needs: list
    for-each: needs.list.outputs.items
    run: 'true'
  shaky:
    retry: {attempts: 2, backoff: 1ms, on: ["exit:75"]}
    run: test $SLUICEWAY_ATTEMPT = 2 || exit 75
  skipped:
    needs: each
    when: 1 == 2
    run: x
  ok:
    needs: each
    approval: {users: [one]}
  ship:
    needs: ok
    environment: production
    deploy: {service: web, version: "VERSION", command: [x]}
"""


AGAIN = """jobs:
  ask:
    approval: {users: [one], allow: {starter: true, author: true, committer: true}}
  each:
    needs: ask
    matrix: {axes: {n: [1, 2]}}
    run: test "$SLUICEWAY_RUN_ATTEMPT" = 2
"""


async def again(lab: Lab) -> dict[str, str]:
    """A run that fails and is run again, its approval kept."""
    run = await lab.start(AGAIN, name="again")
    decision = await approvals.sign(lab.engine, run, await lab.until_asked(run), "one", True, "", lab.settings.keys)
    await approvals.decide(lab.engine, run, "ask", decision)
    await lab.result(run)
    answer = await run_calls.rerun(lab.engine, Rerun("again", 1, RerunRequest(From.JOB, "ask"), "developer"))
    await lab.result(answer.run)
    return {"run-again": answer.run, "pipeline-reruns": "pipeline/again"}


QUEUED = """concurrency: {group: "builds of ${{ event.branch }}", mode: MODE}
jobs:
  work:
    concurrency: {group: machines, limit: 2}
    run: while ! test -e %s; do sleep 0.02; done
"""


async def queued(lab: Lab) -> dict[str, str]:
    """Runs that wait for one another: one after the other, and one in place of another of its own repository."""
    gate = SCENE / "gate"
    text = QUEUED % gate
    first = await lab.start(text.replace("MODE", "queue"), name="first")
    await until(lambda: lab.records.runs.jobs(first))
    second = await lab.start(text.replace("MODE", "queue"), name="second")

    async def waits() -> bool:
        return "place 1 of 1" in str((await run_calls.view(lab.engine, second)).waiting_for)

    await until(waits)
    gate.touch()
    for run in (first, second):
        await lab.result(run)
    gate.unlink()
    repo = lab.repo({"sluiceway.yaml": HEAD.format(name="evicted") + text.replace("MODE", "cancel-running")}, "evicted")
    evicted = (await lab.deliver(repo, "evicted")).run
    await until(lambda: lab.records.runs.jobs(evicted))
    newer = (await lab.deliver(repo, "evicted")).run
    await lab.result(evicted)
    gate.touch()
    await lab.result(newer)
    groups = {"queue-of-runs": "queue/runs/builds of ", "queue-of-jobs": "queue/jobs/machines"}
    return {**groups, "run-queued": second, "run-evicted": evicted}


async def provisioned(lab: Lab) -> dict[str, str]:
    """A run with a cluster of its own, and one that is not let in."""
    fine = await lab.start(MADE, {"edge.yaml": TEMPLATE}, name="provisioned")
    await lab.result(fine)
    refused = await lab.start(NOWHERE, name="no-such-cluster")
    await lab.result(refused)
    return {"run-provisioned": fine, "run-not-admitted": refused}


MADE = "jobs:\n  made:\n    provision: {file: edge.yaml, ephemeral: true}\n  uses: {needs: made, run: 'true'}\n"
NOWHERE = "jobs:\n  a:\n    container: {image: x, cluster: atlantis}\n    run: x\n"


def _without_paths(part: Any) -> Any:
    """A history without stack traces: they name files of the machine that recorded it, and replay does not read them."""
    if isinstance(part, list):
        return [_without_paths(one) for one in part]
    if isinstance(part, dict):
        return {key: _without_paths(value) for key, value in part.items() if key != "stackTrace"}
    return part


async def keep(handles: dict[str, WorkflowHandle]) -> None:
    """What is there already stays as it is."""
    for name, handle in handles.items():
        if not (HISTORIES / f"{name}.json").exists():
            document = {
                "id": handle.id,
                "history": _without_paths(json.loads((await handle.fetch_history()).to_json())),
            }
            (HISTORIES / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


async def decided(lab: Lab, platform: MemoryTarget) -> dict[str, str]:
    """Runs that pass, go back and are rejected, with their approvals; and one whose definition is wrong."""
    runs = {}
    for version, scenario in (("1", "passed"), ("2", "rolled-back"), ("3", "rejected")):
        platform.never_ready = {"2"}
        run = await lab.start(JOBS.replace("VERSION", version), name="replayed" if version == "1" else "")
        job = await lab.until_asked(run)
        decision = await approvals.sign(lab.engine, run, job, "one", version != "3", "", lab.settings.keys)
        await approvals.decide(lab.engine, run, job, decision)
        await lab.result(run)
        runs[scenario] = run
    wrong = await lab.start("jobs:\n  a:\n    needs: b\n    run: x\n", name="wrong")
    await lab.result(wrong)
    ids = {f"run-{scenario}": run for scenario, run in runs.items()}
    ids |= {f"approval-{scenario}": f"approval/{run[4:]}/ok" for scenario, run in runs.items()}
    return ids | {
        "run-wrong-definition": wrong,
        "pipeline": "pipeline/replayed",
        "environment": "environment/production",
    }


async def in_time(scene: Coroutine[Any, Any, T]) -> T:
    """What a scene returns.

    Raises:
        TimeoutError: it hangs; its note says which one.
    """
    try:
        async with asyncio.timeout(SCENE_S):
            return await scene
    except TimeoutError as late:
        late.add_note(f"the scene `{getattr(scene, '__name__', '')}` did not end within {SCENE_S:g} s")
        raise


async def record() -> None:
    shutil.rmtree(SCENE, ignore_errors=True)
    SCENE.mkdir()
    port, ui = free_port(), free_port()
    server = subprocess.Popen(engine.server_command(port, ui, str(SCENE / "t.db")), stdout=subprocess.DEVNULL)
    while not answers(port, ""):
        time.sleep(0.05)
    try:
        await recorded(f"127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait()


async def recorded(address: str) -> None:
    """At this server."""
    platform, source = MemoryTarget(), MemorySource()
    learn(SCENE / "home", ADVISORY)
    plain = prepared(address, SCENE)
    plain.wired.clusters.providers["kwok"] = MemoryProvider()
    async with Lab.on(address, SCENE, on_memory(plain, platform, source)) as lab:
        lab.identity("one")
        ids = await decided(lab, platform)
        scheduled = ScheduledDelivery("replayed", str(next(SCENE.glob("repo-*"))), "sluiceway.yaml")
        await lab.engine.client.execute_workflow(
            "Scheduled", scheduled, id="scheduled/replayed-1", task_queue=lab.engine.queue
        )
        ids["scheduled"] = "scheduled/replayed-1"
        ids |= {"release-live": "release/web/production/1", "release-rolled-back": "release/web/production/2"}
        platform.never_ready = set()
        for scene in (
            *(judged(lab, source), again(lab), queued(lab), rescanned(lab), held(lab)),
            *(attacked(lab, platform), provisioned(lab), witnessed(lab)),
        ):
            ids |= await in_time(scene)
        HISTORIES.mkdir(exist_ok=True)
        handles = {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in ids.items()}
        handles |= await in_time(ended(lab, platform))
        scenes = (waved, in_a_cluster, windowed, together, quick, requested, inventoried, dialled, restarted, continued)
        for on in (*scenes, lived):
            handles |= await in_time(on(address))
        await keep(handles)
    print(f"{len(handles)} histories in {HISTORIES}")


if __name__ == "__main__":
    asyncio.run(record())
    sys.stdout.flush()
    os._exit(0)
