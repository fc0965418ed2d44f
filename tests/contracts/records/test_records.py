"""Every store keeps the same promises on SQLite and on PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from activities.access.identity_store import Identity
from activities.scans.baselines.baseline_store import BaselineRecord
from activities.scans.baselines.branch_scan_store import KEPT, BranchScanRecord
from activities.scans.baselines.signed_baseline_store import SignedBaselineRecord
from activities.storage.database import METADATA
from activities.storage.opening import open_database
from activities.supply_chain.attestation_store import AttestationRecord
from domain.core.errors import SluicewayError
from domain.pipelines.cache import Entry
from tests.support.recorded import a_job, a_run
from workers.core.records import Records

ROOT = Path(__file__).parents[3]
RUN = "run/web/1"


def test_a_run_begins_once_with_what_it_keeps_of_the_attempt_before(records: Records) -> None:
    kept = a_job("run/web/1", "passed", (1.0, 2.0), '{"a": 1}')
    records.runs.start(a_run("run/web/1.2", plan="first"), [kept])
    records.runs.start(a_run("run/web/1.2", plan="first"), [kept])
    with pytest.raises(SluicewayError, match="SLW919"):
        records.runs.start(a_run("run/web/1.2", plan="second"), [kept])

    assert [run["plan"] for run in records.runs.latest()] == ["first"]
    assert records.runs.jobs("run/web/1.2") == [{**kept, "run": "run/web/1.2"}]
    assert records.runs.get("run/web/2") is None


def test_two_runs_never_share_a_number_and_an_attempt(records: Records) -> None:
    records.runs.start(a_run(RUN))

    with pytest.raises(IntegrityError):
        records.runs.start(replace(a_run(RUN), id="run/web/1.1"))


def test_a_run_tells_how_it_ended(records: Records) -> None:
    records.runs.start(a_run(RUN, commit="c" * 40))
    records.runs.end(RUN, "failed", "test", "exit code 1", "digest", 12.5)
    run = records.runs.get(RUN)

    assert run is not None
    assert (run["status"], run["stopped_by"], run["reason"]) == ("failed", "test", "exit code 1")
    assert (run["report"], run["ended_at"], run["commit_id"]) == ("digest", 12.5, "c" * 40)
    assert list(records.runs.all()) == [{"id": RUN, "plan": "", "report": "digest", "ended_at": 12.5}]


def test_runs_are_listed_from_the_newest_and_attempts_from_the_first(records: Records) -> None:
    for id_ in ("run/web/1", "run/api/1", "run/web/1.2", "run/web/2"):
        records.runs.start(a_run(id_))

    assert [run["id"] for run in records.runs.latest(limit=2)] == ["run/web/2", "run/web/1.2"]
    assert [run["id"] for run in records.runs.latest("api")] == ["run/api/1"]
    assert [run["id"] for run in records.runs.attempts("web", 1)] == ["run/web/1", "run/web/1.2"]


def test_what_has_ended_is_never_overwritten(records: Records) -> None:
    records.runs.record_job(a_job(RUN, "running", (1.0, None)))
    records.runs.record_job(a_job(RUN, "failed", (1.0, 2.0), '{"a": 1}'))
    records.runs.record_job(a_job(RUN, "passed", (1.0, 3.0), '{"a": 2}'))

    assert [(job["status"], job["result"]) for job in records.runs.jobs(RUN)] == [("failed", '{"a": 1}')]


def test_jobs_are_in_the_order_of_their_beginning_and_the_last_attempt_that_ended_counts(records: Records) -> None:
    records.runs.record_job(a_job(RUN, "passed", (3.0, 4.0), job="b"))
    records.runs.record_job(a_job(RUN, "failed", (1.0, 2.0)))
    records.runs.record_job(a_job(RUN, "passed", (2.0, 5.0), attempt=2))
    records.runs.record_job(a_job(RUN, "running", (6.0, None), job="c"))

    assert [(job["job"], job["attempt"]) for job in records.runs.jobs(RUN)] == [("a", 1), ("a", 2), ("b", 1), ("c", 1)]
    assert {job: row["attempt"] for job, row in records.runs.last_results(RUN).items()} == {"a": 2, "b": 1}


def test_a_job_that_has_ended_tells_whether_its_log_is_in_the_store(records: Records) -> None:
    records.runs.record_job(a_job(RUN, "passed", (1.0, 2.0), '{"log":"abc"}', job="kept"))
    records.runs.record_job(a_job(RUN, "failed", (1.0, 2.0), '{"log":""}', job="lost"))
    records.runs.record_job(a_job(RUN, "running", (1.0, None), job="runs"))

    assert {job["job"]: job["has_log"] for job in records.runs.ended_jobs()} == {"kept": True, "lost": False}


def test_a_release_begins_once_and_ends_with_its_result(records: Records) -> None:
    records.releases.start("release/web/prod/1", "web", "prod", 1, RUN)
    records.releases.end("release/web/prod/1", '{"verdict": "live"}')
    records.releases.start("release/web/prod/1", "web", "prod", 1, "run/web/2")
    (release,) = records.releases.all()

    assert (release["run"], release["result"]) == (RUN, '{"verdict": "live"}')
    assert (release["ended_at"] or 0) >= release["started_at"]


def test_releases_are_found_by_service_and_by_run(records: Records) -> None:
    for number, service in enumerate(("web", "api", "web"), 1):
        records.releases.start(f"release/{service}/prod/{number}", service, "prod", number, f"run/x/{number % 2}")

    assert [one["number"] for one in records.releases.latest(limit=2)] == [3, 2]
    assert [one["number"] for one in records.releases.latest("web")] == [3, 1]
    assert [one["number"] for one in records.releases.of_run("run/x/1")] == [1, 3]
    assert [one["number"] for one in records.releases.all()] == [1, 2, 3]


ENTRY = Entry("branch/main", "key", "digest", 5_000_000_000, 1.0, 2.0)


def test_a_cache_entry_never_changes_and_belongs_to_its_owner(records: Records) -> None:
    records.caches.save("web", "repo", ENTRY)
    records.caches.save("web", "repo", replace(ENTRY, digest="other"))
    records.caches.save("api", "repo", replace(ENTRY, digest="another"))

    assert records.caches.entries("web", "repo") == [ENTRY]
    assert len(records.caches.entries()) == 2


def test_a_cache_entry_that_somebody_used_in_between_is_not_dropped(records: Records) -> None:
    used = replace(ENTRY, key="used")
    for entry in (ENTRY, used):
        records.caches.save("web", "repo", entry)
    records.caches.used("web", "repo", used, 9.0)
    records.caches.drop([ENTRY, used])
    records.caches.drop([])

    assert records.caches.entries() == [replace(used, used_at=9.0)]


def test_a_baseline_replaces_the_one_before(records: Records) -> None:
    baseline = BaselineRecord(
        pipeline="web",
        repo="repo",
        branch="main",
        job="scan",
        run=RUN,
        commit_id="a" * 40,
        report="one",
        signature="signed",
        made_at=1.0,
    )
    records.baselines.save(baseline)
    records.baselines.save({**baseline, "report": "two"})

    assert records.baselines.get("web", "repo", "main", "scan") == {**baseline, "report": "two"}
    assert records.baselines.get("web", "repo", "main", "other") is None
    assert len(records.baselines.all()) == 1


def test_of_the_scans_of_a_branch_the_last_ones_are_kept_newest_first(records: Records) -> None:
    scan = BranchScanRecord(
        pipeline="web",
        repo="repo",
        branch="main",
        job="scan",
        run="run/web/0",
        commit_id="c",
        report="digest",
        complete=True,
        counts={"high": 2},
        opened=1,
        fixed=0,
        signature="s",
        made_at=0.0,
    )
    for number in range(KEPT + 3):
        records.branch_scans.save({**scan, "run": f"run/web/{number}", "made_at": float(number)})
    records.branch_scans.save({**scan, "job": "other", "complete": False, "counts": {}})
    kept = records.branch_scans.last("web", "repo", "main", "scan", 1_000)

    assert [row["made_at"] for row in kept[:2]] == [KEPT + 2, KEPT + 1]
    assert (len(kept), kept[0]["counts"], kept[0]["complete"]) == (KEPT, {"high": 2}, True)
    assert [row["job"] for row in records.branch_scans.newest()] == ["other", "scan"]
    assert records.branch_scans.last("web", "repo", "topic", "scan") == []


def test_a_signed_baseline_is_added_and_none_is_replaced(records: Records) -> None:
    one = SignedBaselineRecord(
        pipeline="web",
        repo="repo",
        branch="main",
        job="scan",
        made_at=2**33,
        person="ann",
        commit_id="c",
        report="digest",
        findings=3,
        reason="as it was",
        signature="s",
    )
    records.signed_baselines.add(one)
    records.signed_baselines.add({**one, "signature": "another"})
    records.signed_baselines.add({**one, "made_at": one["made_at"] + 1})

    assert [row["made_at"] for row in records.signed_baselines.of("web", "repo", "main", "scan")] == [2**33 + 1, 2**33]
    assert {row["signature"] for row in records.signed_baselines.all()} == {"s"}


def test_an_attestation_is_found_by_what_it_is_about(records: Records) -> None:
    records.attestations.save("object", "scan", "one")
    records.attestations.save("object", "scan", "two")

    assert records.attestations.get("object", "scan") == "two"
    assert records.attestations.get("object", "gate") == ""
    assert records.attestations.all() == [AttestationRecord("object", "scan", "two")]


def test_identities_keep_their_groups(records: Records) -> None:
    records.identities.save(Identity("two", "key"))
    records.identities.save(Identity("one", "key", ("a", "b"), ("lead",)))
    records.identities.save(Identity("two", "new", ("c",)))

    assert records.identities.all() == [Identity("one", "key", ("a", "b"), ("lead",)), Identity("two", "new", ("c",))]
    assert records.identities.get("one") == Identity("one", "key", ("a", "b"), ("lead",))
    assert records.identities.get("three") is None


def test_a_definition_replaces_the_one_before(records: Records) -> None:
    for name, body in (("b", '{"n": 1}'), ("a", "{}"), ("b", '{"n": "100 %, :x é"}')):
        records.definitions.save("Environment", name, body)

    assert records.definitions.get("Environment", "b") == {"n": "100 %, :x é"}
    assert records.definitions.names("Environment") == ["a", "b"]
    assert (records.definitions.get("Schedule", "b"), records.definitions.names("Schedule")) == (None, [])


def test_many_who_write_and_read_at_once_lose_nothing(place: Path | str, records: Records) -> None:
    other, together = Records.at(place), threading.Barrier(12)

    def write(number: int) -> None:
        together.wait()
        for job in range(20):
            one = (records, other)[job % 2]
            one.runs.record_job(a_job(f"run/web/{number}", "running", (1.0, None), job=str(job)))
            one.runs.jobs(f"run/web/{number}")

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(write, range(12)))
    other.close()
    assert [len(records.runs.jobs(f"run/web/{number}")) for number in range(12)] == [20] * 12


def test_threads_that_open_new_records_at_once_all_find_them(place: Path | str) -> None:
    with ThreadPoolExecutor(4) as threads:
        opened = list(threads.map(Records.at, [place] * 4))
    opened[0].runs.start(a_run(RUN))

    assert [len(one.runs.latest()) for one in opened] == [1] * 4
    for one in opened:
        one.close()


def test_what_reads_long_tables_may_ask_more_in_between_and_may_stop(records: Records) -> None:
    for number in range(3):
        records.runs.start(a_run(f"run/web/{number + 1}"))
        records.runs.record_job(a_job(f"run/web/{number + 1}", "passed", (1.0, 2.0)))
    seen = [len(records.runs.jobs(run["id"])) for run in records.runs.all()]
    next(records.runs.all())
    records.runs.start(a_run("run/web/9"))

    assert seen == [1, 1, 1]


def test_the_migrations_make_the_tables_that_the_stores_use(place: Path | str) -> None:
    for file in ROOT.glob("activities/**/*_store.py"):  # each says what its tables are
        import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    database = open_database(place)
    with database.exclusive() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    database.close()

    assert differences == []
