"""Records the histories that test_replay.py replays: `python -m tests.replay.record`. Run it for new scenarios only;
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

from activities.metric_sources.memory import MemorySource
from activities.platforms.memory import MemoryPlatform
from activities.scheduling import ScheduledDelivery
from activities.supervisor.service import answers, free_port
from tests.fakes import on_memory
from tests.lab import Lab
from workers import engine

HISTORIES = Path(__file__).parent / "histories"
SCENE = Path("/tmp/sluiceway-replay")
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


async def record() -> None:
    shutil.rmtree(SCENE, ignore_errors=True)
    SCENE.mkdir()
    port, ui = free_port(), free_port()
    server = subprocess.Popen(engine.server_command(port, ui, str(SCENE / "t.db")), stdout=subprocess.DEVNULL)
    while not answers(port, ""):
        time.sleep(0.05)
    platform = MemoryPlatform()
    async with Lab.on(f"127.0.0.1:{port}", SCENE) as plain:
        pass
    async with Lab.on(f"127.0.0.1:{port}", SCENE, on_memory(plain, platform, MemorySource())) as lab:
        lab.identity("one")
        runs = {}
        for version, scenario in (("1", "passed"), ("2", "rolled-back"), ("3", "rejected")):
            platform.never_ready = {"2"}
            run = await lab.start(JOBS.replace("VERSION", version), name="replayed" if version == "1" else "")
            job = await lab.until_asked(run)
            decision = await lab.engine.decision(run, job, "one", version != "3", "", lab.settings.identities)
            await lab.engine.decide(run, job, decision)
            await lab.result(run)
            runs[scenario] = run
        wrong = await lab.start("jobs:\n  a:\n    needs: b\n    run: x\n", name="wrong")
        await lab.result(wrong)
        ids = {f"run-{scenario}": run for scenario, run in runs.items()}
        ids |= {f"approval-{scenario}": f"approval/{run[4:]}/ok" for scenario, run in runs.items()}
        ids |= {"run-wrong-definition": wrong, "pipeline": "pipeline/replayed", "environment": "environment/production"}
        scheduled = ScheduledDelivery("replayed", str(next(SCENE.glob("repo-*"))), "sluiceway.yaml")
        await lab.engine.client.execute_workflow(
            "Scheduled", scheduled, id="scheduled/replayed-1", task_queue=lab.engine.queue
        )
        ids["scheduled"] = "scheduled/replayed-1"
        ids |= {"release-live": "release/web/production/1", "release-rolled-back": "release/web/production/2"}
        HISTORIES.mkdir(exist_ok=True)
        for name, id_ in ids.items():
            history = await lab.engine.client.get_workflow_handle(id_).fetch_history()
            document = {"id": id_, "history": json.loads(history.to_json())}
            (HISTORIES / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")
    server.terminate()
    server.wait()
    print(f"{len(ids)} histories in {HISTORIES}")


if __name__ == "__main__":
    asyncio.run(record())
    sys.stdout.flush()
    os._exit(0)
