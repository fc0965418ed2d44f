"""What is kept of runs: collected when nobody needs it, and bundled with the digest of everything."""

import json
import os
import tarfile
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.core import serialization as serial
from activities.evidence.bundle import Bundler, check, write
from activities.evidence.garbage_collector import Collector
from activities.runs.port import Rerun
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from domain.approvals.scope import SUBJECT
from domain.core.errors import DefinitionError, SluicewayError, StoreUnavailableError
from domain.evidence.retention import DAY_S, Retention
from domain.jobs.result import JobResult, Status
from domain.pipelines.cache import Entry
from domain.runs.rerun import From, RerunRequest
from tests.support.lab import Lab
from tests.support.profile import times
from tests.support.recorded import a_job, a_run
from workers.client import approvals
from workers.client import runs as run_calls
from workers.core.records import Records

OLD = 400 * DAY_S
runs = st.lists(
    st.tuples(
        st.sampled_from([None, 0, 100, 400]),  # days since the end; None: it runs
        st.sets(st.integers(0, 5)),  # artifacts, shared between runs
        st.integers(0, 3),  # its log
    ),
    max_size=6,
)


@settings(max_examples=times(8, 25))
@given(runs, st.sets(st.integers(0, 5)), st.booleans())
def test_nothing_that_a_run_still_refers_to_is_ever_removed(tmp_path_factory, made, cached, again):
    folder = tmp_path_factory.mktemp("gc")
    store, records, now = FolderStore(folder / "s"), Records.at(folder / "r.db"), time.time()
    everything = {index: store.put(f"object {index}".encode()) for index in range(6)}
    logs = {index: store.put(f"log {index}".encode()) for index in range(4)}
    needed: set[str] = set()
    for number, (days, artifacts, log) in enumerate(made, 1):
        id_ = f"run/p/{number}"
        plan = store.put(json.dumps({"pages": [store.put(f"page {number}".encode())]}).encode())
        needed |= {plan, store.put(f"page {number}".encode())}
        records.runs.start(a_run(id_, plan))
        result = JobResult(Status.PASSED, artifacts={str(a): everything[a] for a in artifacts}, log=logs[log])
        ended = None if days is None else now - days * DAY_S
        span = (now, now if again else None)
        records.runs.record_job(a_job(id_, "passed", span, serial.dump(result).decode()))
        if ended is not None:
            records.runs.end(id_, "passed", "", "", "", ended)
        needed |= {everything[a] for a in artifacts} if days in (None, 0) else set()
        needed |= {logs[log]} if days in (None, 0, 100) else set()
    for index in cached:
        records.caches.save("p", "r", Entry("branch/main", str(index), everything[index], 1, now, now))
        needed.add(everything[index])
    for one in list(store.objects()):
        os.utime(store.path(one.digest), (now - OLD, now - OLD))

    Collector(records, store, folder / "jobs").run()
    assert {one.digest for one in store.objects()} == needed


def test_what_is_young_stays_although_nobody_knows_it_yet_and_a_dry_run_removes_nothing(tmp_path):
    store, records = FolderStore(tmp_path / "s"), Records.at(tmp_path / "r.db")
    young, old = store.put(b"young"), store.put(b"old")
    os.utime(store.path(old), (1, 1))
    collector = Collector(records, store, tmp_path / "jobs")

    assert (collector.run(dry=True).removed, store.has(old)) == (1, True)
    assert (collector.run().removed, store.has(old), store.has(young)) == (1, False, True)


def test_a_store_that_is_away_stops_the_collection(tmp_path, monkeypatch):
    store, records = FolderStore(tmp_path / "s"), Records.at(tmp_path / "r.db")
    old = store.put(b"old")
    os.utime(store.path(old), (1, 1))
    records.runs.start(a_run("run/p/1", store.put(b"{}")))

    def away(_digest):
        raise StoreUnavailableError("SLW804", "away")

    monkeypatch.setattr(store, "get", away)
    with pytest.raises(SluicewayError, match="away"):
        Collector(records, store, tmp_path / "jobs").run()
    assert store.has(old)


JOBS = """jobs:
  make:
    artifacts: {out: {app: app}}
    run: echo made > app
  ok:
    needs: make
    approval: {users: [ann], allow: {starter: true, author: true, committer: true}}
  use:
    needs: [make, ok]
    artifacts: {in: make.app}
    run: test "$SLUICEWAY_RUN_ATTEMPT" = 2
"""


async def test_an_expired_artifact_makes_its_job_run_again(lab: Lab):
    run = await lab.start(JOBS, name="expires")
    lab.identity("ann")
    await _approve(lab, run)
    await lab.result(run)
    row = next(row for row in lab.records.runs.jobs(run) if row["job"] == "make")
    digest = json.loads(row["result"])["artifacts"]["app"]
    os.utime(lab.stored_file(digest), (1, 1))
    policy = Retention(artifacts_s=0.001)
    assert Collector(lab.records, lab.wired.store, lab.settings.home / "jobs", policy).run().removed == 1

    answer = await run_calls.rerun(lab.engine, Rerun("expires", 1, RerunRequest(From.FAILED), "developer"))
    assert "app" in answer.again["make"]


async def _approve(lab: Lab, run: str) -> None:
    job = await lab.until_asked(run)
    decision = await approvals.sign(lab.engine, run, job, "ann", True, "", lab.settings.keys)
    await approvals.decide(lab.engine, run, job, decision)


def read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    assert member is not None
    return member.read()


async def test_a_bundle_has_all_evidence_and_the_same_run_gives_the_same_bytes(lab: Lab, tmp_path):
    lab.identity("ann")
    run = await lab.start(JOBS, name="bundled")
    await _approve(lab, run)
    await lab.result(run)
    bundler = Bundler(lab.records, lab.wired.store, Mirrors(lab.settings.mirrors))
    first = write(bundler.collect(run), tmp_path / "a.tar.gz")
    assert write(bundler.collect(run), tmp_path / "b.tar.gz") == first

    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        names = set(archive.getnames())
        decisions = json.loads(read(archive, "jobs/ok/1/decisions.json"))
        manifest = json.loads(read(archive, "manifest.json"))
    assert {"run.json", "definition.yaml", "plan.json", "report.html", "jobs/make/1/log.jsonl"} <= names
    assert decisions[0]["decision"]["approver"] == "ann"
    assert f"jobs/ok/1/{SUBJECT}.json" in names
    assert [one["name"] for one in manifest["artifacts"]] == ["app"]
    assert manifest["missing"] == []
    assert check(tmp_path / "a.tar.gz") == (run, [])


async def test_a_bundle_says_what_is_gone_and_holds_artifacts_when_asked(lab: Lab):
    run = await lab.start("jobs:\n  a:\n    artifacts: {out: {app: app}}\n    run: echo made > app\n")
    await lab.result(run)
    result = json.loads(lab.records.runs.jobs(run)[0]["result"])
    lab.stored_file(result["log"]).unlink()
    made = Bundler(lab.records, lab.wired.store, Mirrors(lab.settings.mirrors)).collect(run, artifacts=True)

    assert [one["what"] for one in made.missing] == ["jobs/a/1/log.jsonl"]
    assert "jobs/a/1/app.tar" in made.files


def test_a_bundle_that_was_changed_is_found_out(tmp_path):
    from activities.evidence.bundle import Bundle

    made = Bundle("run/p/1", {"a": b"1", "b": b"2"})
    write(made, tmp_path / "x.tar.gz")
    listed = made.manifest()
    made.files = {"a": b"other", "c": b"3"}
    made.manifest = lambda: listed  # type: ignore[method-assign]
    write(made, tmp_path / "x.tar.gz")

    assert sorted(check(tmp_path / "x.tar.gz")[1]) == ["a was changed", "b is missing", "c is not in the manifest"]


@given(st.binary(max_size=200))
def test_no_bytes_make_a_traceback_of_a_bundle(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("b") / "x"
    file.write_bytes(data)
    with pytest.raises(DefinitionError, match="not an evidence bundle"):
        check(file)
