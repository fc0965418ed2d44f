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
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from activities.clusters.providers.memory import MemoryProvider
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from activities.runs.port import Rerun
from activities.supervisor.service import answers, free_port
from activities.triggers.port import ScheduledDelivery
from domain.runs.rerun import From, RerunRequest
from domain.triggers.events import EventKind
from pipeline_defs.releases.environment_model import Environment
from tests.corpus.samples import WEAK
from tests.replay import SCENE
from tests.replay.clusters import lived
from tests.replay.endings import ended
from tests.replay.in_a_cluster import in_a_cluster, windowed
from tests.replay.inventory import inventoried
from tests.replay.quick import quick
from tests.replay.requested import requested
from tests.replay.restarted import restarted
from tests.replay.together import together
from tests.replay.waves import waved
from tests.replay.witness import witnessed
from tests.support.advisories import ADVISORY, NEWER, learn
from tests.support.fakes import on_memory
from tests.support.lab import HEAD, Lab, prepared, until
from tests.workflows.clusters.test_provision import TEMPLATE
from tests.workflows.scans.test_held_gates import SUPPRESSED
from tests.workflows.scans.test_held_gates import TEXT as HELD
from workers.client import approvals, releases
from workers.client import runs as run_calls
from workers.client.rescans import rescan
from workers.engine import embedded as engine

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


SHIP = """jobs:
  ship:
    environment: staging
    deploy:
      service: web
      version: "VERSION"
      command: [x]
      strategy: STRATEGY
      instances: 2
      analysis: {tick: 0.1, min-dwell: 0.3, max-dwell: 20, on-inconclusive: promote, warm-up: 0, first-weight: 20, steps: [50]}
      EXTRA
"""


async def judged(lab: Lab, source: MemorySource) -> dict[str, str]:
    """Releases by every strategy: paused, approved, rolled back, and the version before brought back while it is warm."""

    async def ship(version: str, strategy: str, extra: str = "") -> str:
        text = SHIP.replace("VERSION", version).replace("STRATEGY", strategy).replace("EXTRA", extra)
        return await lab.start(text)

    async def waits(release: str, what: str) -> None:
        async def there() -> bool:
            view = await releases.view(lab.engine, release)
            return what in view.approvals or any(what in event.what for event in view.story)

        await until(there)

    source.error_rate = {"bad": 0.2}
    await lab.result(await ship("1", "canary"))
    run = await ship("2", "canary", "approvals: [{before: promotion, users: [one]}]")
    canary = "release/web/staging/2"
    await waits(canary, "watch")
    await releases.steer(lab.engine, canary, "pause", "lunch")
    await releases.steer(lab.engine, canary, "resume", "")
    await waits(canary, "promotion")
    # the story tells of the question a moment before the question can be answered
    decision = await until(lambda: approvals.sign(lab.engine, canary, "promotion", "one", True, "", lab.settings.keys))
    await approvals.decide(lab.engine, canary, "promotion", decision)
    await lab.result(run)
    await lab.result(await ship("bad", "canary"))
    await lab.result(await ship("4", "blue-green"))
    await lab.result(await ship("5", "rolling", "rolling: {batch: 1}"))
    await lab.result(await ship("6", "blue-green"))
    back = await releases.rollback(lab.engine, "staging", "web")
    await lab.engine.client.get_workflow_handle(back).result()
    return {
        "release-canary-approved": canary,
        "release-canary-rolled-back": "release/web/staging/3",
        "release-blue-green": "release/web/staging/4",
        "release-rolling": "release/web/staging/5",
        "release-switched-back": back,
        "environment-warm": "environment/staging",
    }


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


async def rescanned(lab: Lab) -> dict[str, str]:
    """A look at what runs that finds news, with every consequence; and a release that its environment refuses."""
    watch = {"severity": "critical", "unknown-as": "high", "then": ["notify", "block", "rebuild"]}
    document = {"apiVersion": "sluiceway/v1", "kind": "Environment", "name": "watched", "watch": watch}
    document["images"] = {"built-here": True}
    lab.environment("watched", Environment.model_validate(document).model_dump_json())
    await lab.result(await lab.start(SCANNED, {"requirements.txt": "brook==1.0\n"}, name="watched"))
    learn(SCENE / "home", ADVISORY, NEWER)
    await rescan(lab.engine)
    refused = await lab.start(REFUSED, name="refused")
    await lab.result(refused)
    return {"rescan": "rescan", "run-image-refused": refused}


SCANNED = """jobs:
  s:
    scan: {tools: [trivy]}
  ship:
    needs: s
    environment: watched
    deploy: {service: watched, version: "1", command: [x]}
"""
REFUSED = """jobs:
  ship:
    environment: watched
    deploy: {service: watched, target: docker, image: "sluiceway-test/shell:1"}
"""


async def held(lab: Lab) -> dict[str, str]:
    """Gates that are held: one that a merged suppression opens, and one that a person opens."""
    runs = {}
    for name in ("by-statement", "by-person"):
        text = HELD.format(name=f"held-{name}", hold="users: [one]")
        repo = lab.repo({"sluiceway.yaml": text, "a.py": WEAK}, f"held-{name}")
        run = (await lab.deliver(repo, f"held-{name}", kind=EventKind.PUSH, branch="main")).run
        runs[f"run-gate-held-{name}"] = run

        async def asked(run: str = run) -> bool:
            return await approvals.pending(lab.engine, run) == ["g"]

        await until(asked)
        if name == "by-statement":
            repo.commit({"sluiceway.suppressions.yaml": SUPPRESSED})
        else:
            decision = await approvals.sign(lab.engine, run, "g", "one", True, "", lab.settings.keys)
            await approvals.decide(lab.engine, run, "g", decision)
        await lab.result(run)
    return runs


async def provisioned(lab: Lab) -> dict[str, str]:
    """A run with a cluster of its own, and one that is not let in."""
    fine = await lab.start(MADE, {"edge.yaml": TEMPLATE}, name="provisioned")
    await lab.result(fine)
    refused = await lab.start(NOWHERE, name="no-such-cluster")
    await lab.result(refused)
    return {"run-provisioned": fine, "run-not-admitted": refused}


MADE = "jobs:\n  made:\n    provision: {file: edge.yaml, ephemeral: true}\n  uses: {needs: made, run: 'true'}\n"
NOWHERE = "jobs:\n  a:\n    container: {image: x, cluster: atlantis}\n    run: x\n"


async def attacked(lab: Lab, platform: MemoryTarget) -> dict[str, str]:
    """A version that gives way to an attack before it gets traffic."""
    text = ATTACKED.replace("VERSION", "1")
    await lab.result(await lab.start(text, name="attacked-1"))
    platform.gave_way = {"gate": "1 medium blocks"}
    await lab.result(await lab.start(ATTACKED.replace("VERSION", "2"), name="attacked-2"))
    return {"release-attacked": "release/gate/attacked/2"}


ATTACKED = """jobs:
  ship:
    environment: attacked
    deploy: {service: gate, version: "VERSION", command: [x], strategy: blue-green, analysis: false, dast: {}}
"""


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


async def record() -> None:
    shutil.rmtree(SCENE, ignore_errors=True)
    SCENE.mkdir()
    port, ui = free_port(), free_port()
    server = subprocess.Popen(engine.server_command(port, ui, str(SCENE / "t.db")), stdout=subprocess.DEVNULL)
    while not answers(port, ""):
        time.sleep(0.05)
    platform, source = MemoryTarget(), MemorySource()
    learn(SCENE / "home", ADVISORY)
    plain = prepared(f"127.0.0.1:{port}", SCENE)
    plain.wired.clusters.providers["kwok"] = MemoryProvider()
    async with Lab.on(f"127.0.0.1:{port}", SCENE, on_memory(plain, platform, source)) as lab:
        lab.identity("one")
        ids = await decided(lab, platform)
        scheduled = ScheduledDelivery("replayed", str(next(SCENE.glob("repo-*"))), "sluiceway.yaml")
        await lab.engine.client.execute_workflow(
            "Scheduled", scheduled, id="scheduled/replayed-1", task_queue=lab.engine.queue
        )
        ids["scheduled"] = "scheduled/replayed-1"
        ids |= {"release-live": "release/web/production/1", "release-rolled-back": "release/web/production/2"}
        platform.never_ready = set()
        ids |= await judged(lab, source)
        ids |= await again(lab)
        ids |= await queued(lab)
        ids |= await rescanned(lab)
        ids |= await held(lab)
        ids |= await attacked(lab, platform)
        ids |= await provisioned(lab)
        ids |= await witnessed(lab)
        HISTORIES.mkdir(exist_ok=True)
        handles = {name: lab.engine.client.get_workflow_handle(id_) for name, id_ in ids.items()}
        handles |= await ended(lab, platform)
        for scenes in (waved, in_a_cluster, windowed, together, quick, requested, inventoried, restarted):
            handles |= await scenes(f"127.0.0.1:{port}")
        await keep({**handles, **await lived(f"127.0.0.1:{port}")})
    server.terminate()
    server.wait()
    print(f"{len(ids)} histories in {HISTORIES}")


if __name__ == "__main__":
    asyncio.run(record())
    sys.stdout.flush()
    os._exit(0)
