"""Runs whose artifacts, logs and plans are in a real object store: also while it is down, full or cut off."""

import secrets
from pathlib import Path

import pytest

from activities.core import retry as waiting
from tests.support.lab import Lab, until
from tests.support.object_store import BUCKET, Proxy

JOBS = """jobs:
  make:
    artifacts: {out: {app: app}}
    run: |
      while ! test -e GATE; do sleep 0.02; done
      echo made > app
  use:
    needs: make
    artifacts: {in: make.app}
    run: grep made app
"""


@pytest.fixture
async def stored(temporal_address, tmp_path, object_store, monkeypatch):
    """An engine whose store is a bucket behind a proxy that can misbehave."""
    monkeypatch.setattr(waiting, "MAX_BACKOFF_S", 0.5)
    proxy = Proxy(object_store.ports["s3"])
    bucket = f"s3://{BUCKET}/{secrets.token_hex(4)}"
    async with Lab.on(temporal_address, tmp_path, store_address=bucket, store_endpoint=proxy.endpoint) as lab:
        yield lab, proxy
    proxy.close()


async def begin(lab: Lab) -> tuple[str, Path]:
    gate = lab.settings.home / "gate"
    run = await lab.start(JOBS.replace("GATE", str(gate)))
    await until(lambda: lab.records.runs.jobs(run))
    return run, gate


async def waits_for(lab: Lab, run: str, words: str) -> None:
    handle = lab.engine.client.get_workflow_handle(run)

    async def says():
        return words.encode() in (await handle.describe()).raw_description.SerializeToString()

    await until(says)


async def test_a_run_has_its_files_in_the_bucket(stored):
    lab = stored[0]
    run, gate = await begin(lab)
    gate.touch()

    assert (await lab.result(run)).status == "passed"
    assert len(list(lab.wired.store.objects())) >= 5  # two logs, the artifact, the plan and its page, the report


@pytest.mark.parametrize(("fault", "words"), [("down", "the store cannot be"), ("full", "the store is full")])
async def test_a_job_waits_while_the_store_is_away_and_says_so(stored, fault, words):
    lab, proxy = stored
    run, gate = await begin(lab)
    proxy.fault = fault
    gate.touch()
    await waits_for(lab, run, f"waits for the store: {words}")
    proxy.fault = ""

    assert (await lab.result(run)).status == "passed"
    assert [row["attempt"] for row in lab.records.runs.jobs(run)] == [1, 1]


@pytest.mark.system
async def test_a_store_that_stays_away_fails_the_job_with_that_reason_and_loses_no_log(stored, monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE_S", 0.3)
    lab, proxy = stored
    run, gate = await begin(lab)
    proxy.fault = "full"
    gate.touch()
    ended = await until(lambda: [row for row in lab.records.runs.jobs(run) if row["status"] == "failed"])
    assert "the store is full" in ended[0]["result"]
    assert list((lab.settings.home / "jobs").glob("*/log.jsonl"))
    proxy.fault = ""
    await lab.result(run)
