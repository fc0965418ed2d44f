"""Lists of runs, releases and what is live are the same on SQLite and on PostgreSQL, and follow what is written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from activities.releases.release_lists import ReleaseLists
from activities.runs import run_lists
from activities.runs.run_lists import RunLists, WantedRuns
from activities.storage.changes import ChangeReader
from activities.storage.condition import Condition
from domain.runs.naming import named_by
from tests.support import seeded_home
from tests.support.recorded import a_run
from workers.core.records import Records

SIZE = seeded_home.Size(runs=40, services=8, environments=4, jobs=1)
ALL = Condition()


@pytest.fixture
def seeded(records: Records) -> Records:
    seeded_home.fill(records, SIZE)
    return records


def test_pages_follow_each_other_without_a_gap(seeded: Records) -> None:
    lists = RunLists(seeded.database)
    whole = lists.runs(WantedRuns(), None, 100, ALL)
    first = lists.runs(WantedRuns(), None, 15, ALL)
    rest = lists.runs(WantedRuns(), (first[-1]["started_at"], first[-1]["id"]), 100, ALL)
    assert [row["id"] for row in (*first, *rest)] == [row["id"] for row in whole]
    assert [row["started_at"] for row in whole] == sorted((row["started_at"] for row in whole), reverse=True)


def test_a_text_is_searched_as_it_stands_with_letters_in_any_case(seeded: Records) -> None:
    lists = RunLists(seeded.database)
    found = {text: len(lists.runs(WantedRuns(text=text), None, 100, ALL)) for text in ("ANN KIM", "%", "_", "!", "'")}
    assert found == {"ANN KIM": 14, "%": 0, "_": 0, "!": 0, "'": 0}


def test_a_page_looks_at_so_many_runs_for_a_text_and_not_at_more(seeded: Records, monkeypatch) -> None:
    lists = RunLists(seeded.database)
    monkeypatch.setattr(run_lists, "LOOKED_AT", 10)
    whole = lists.runs(WantedRuns(), None, 100, ALL)
    assert lists.looked_at(WantedRuns(text="x"), None) == whole[9]["started_at"]
    assert lists.looked_at(WantedRuns(text="x"), (whole[29]["started_at"], "")) == whole[39]["started_at"]
    assert lists.looked_at(WantedRuns(text="x"), (whole[30]["started_at"], "")) == 0


def test_a_run_and_a_commit_are_looked_up(seeded: Records) -> None:
    lists = RunLists(seeded.database)
    (one, *_) = lists.runs(WantedRuns(pipeline="service-00003"), None, 1, ALL)
    for text in (one["id"], one["commit_id"][:7], one["commit_id"]):
        (found,) = lists.runs(WantedRuns(named=named_by(text)), None, 10, ALL)
        assert found == one
    assert not lists.runs(WantedRuns(named=named_by("none/7")), None, 10, ALL)


def test_a_condition_of_rights_holds_in_every_list(seeded: Records) -> None:
    runs, releases = RunLists(seeded.database), ReleaseLists(seeded.database)
    one = Condition(sql="pipeline = :mine", values={"mine": "service-00002"})
    assert {row["pipeline"] for row in runs.runs(WantedRuns(), None, 100, one)} == {"service-00002"}
    here = Condition(sql="(l.environment = :mine)", values={"mine": "env-01"})
    assert {row["environment"] for row in releases.live("", "", ("", ""), 100, here)} == {"env-01"}
    assert releases.environments("", 10, Condition(sql="name = :mine", values={"mine": "env-01"})) == ["env-01"]
    assert runs.pipelines("", 10, Condition(sql="name = :mine", values={"mine": "none"})) == []


def test_environments_are_those_that_are_registered_or_in_use(seeded: Records) -> None:
    lists = ReleaseLists(seeded.database)
    seeded.definitions.save("Environment", "unused", "{}")
    seeded.releases.start("release/web/wild/1", "web", "wild", 1, "run/web/1")
    seeded.releases.end("release/web/wild/1", json.dumps({"verdict": "live", "version": "1"}))
    names = [f"env-{number:02}" for number in range(4)]
    assert lists.environments("", 10, ALL) == [*names, "unused", "wild"]
    assert lists.environments("env-02", 2, ALL) == ["env-03", "unused"]
    assert [lists.has_environment(name) for name in ("unused", "wild", "none")] == [True, True, False]
    assert [lists.services(name) for name in ("env-00", "wild", "unused")] == [8, 1, 0]
    assert lists.rules(["env-00", "wild"]).keys() == {"env-00"}


def test_a_release_that_goes_live_replaces_only_what_came_before_it(records: Records) -> None:
    lists = ReleaseLists(records.database)
    for number, verdict in ((1, "live"), (2, "live"), (3, "rolled-back"), (4, "failed")):
        id_ = f"release/web/production/{number}"
        records.releases.start(id_, "web", "production", number, "run/web/1", version=f"1.{number}", strategy="canary")
        records.releases.end(id_, json.dumps({"verdict": verdict, "reason": "so it was"}))
    records.releases.end("release/web/production/1", json.dumps({"verdict": "live", "reason": "so it was"}))  # late
    (live,) = lists.live("", "", ("", ""), 10, ALL)
    assert (live["version"], live["release"], live["number"]) == ("1.2", "release/web/production/2", 2)
    listed = lists.releases("web", "production", None, 10, ALL)
    assert {(row["version"], row["strategy"], row["reason"]) for row in listed} == {
        (f"1.{number}", "canary", "so it was") for number in (1, 2, 3, 4)
    }
    assert lists.busy() == frozenset()


def _lived(records: Records, release: str, verdict: str = "live", service: str = "web", cluster: str = "") -> None:
    number = int(release.rpartition("/")[2])
    records.releases.start(release, service, "production", number, "run/web/1", cluster=cluster)
    records.releases.end(release, json.dumps({"verdict": verdict, "version": str(number)}))


def test_what_went_live_before_the_newest_of_its_service_and_cluster_is_replaced(records: Records) -> None:
    lists, of_part = ReleaseLists(records.database), "release/web/production@{}/{}"
    for number, verdict in ((1, "live"), (2, "live"), (3, "rolled-back")):
        _lived(records, f"release/web/production/{number}", verdict)
        for cluster in ("eu", "us"):
            _lived(
                records, of_part.format(cluster, number + 10), verdict if cluster == "eu" else "live", "web", cluster
            )
    _lived(records, "release/api/production/9", service="api")
    _lived(records, of_part.format("ap", 4), cluster="ap")
    records.releases.start("release/web/production/20", "web", "production", 20, "run/web/1")

    replaced = {row["id"] for row in lists.releases("", "", None, 50, ALL) if row["replaced"]}
    assert replaced == {
        "release/web/production/1",
        *(of_part.format(*one) for one in (("eu", 11), ("us", 11), ("us", 12))),
    }
    assert all((found := lists.release(one)) and found[0]["replaced"] for one in replaced)
    assert (found := lists.release("release/web/production/2"))
    assert not found[0]["replaced"]


def test_the_name_of_several_services_is_not_live_beside_them(records: Records) -> None:
    lists = ReleaseLists(records.database)
    for number in (1, 4):
        for service, at in (("web", number + 1), ("api", number + 2)):
            _lived(records, f"release/{service}/production/{at}", service=service)
        whole = f"release/shop/production/{number}"
        records.releases.start(whole, "shop", "production", number, "run/web/1")
        records.releases.end(whole, json.dumps({"verdict": "live", "version": "1", "services": True}))

    assert {row["service"] for row in lists.live("", "", ("", ""), 10, ALL)} == {"web", "api"}
    assert [row["replaced"] for row in lists.releases("shop", "", None, 10, ALL)] == [False, True]


def test_a_release_that_moves_is_told_to_pages(records: Records) -> None:
    before = ChangeReader(records.database).ends()[1]
    records.releases.moved("release/web/production/1")
    told = ChangeReader(records.database).after(before, 10)
    assert [(one.topic, one.key) for one in told] == [("releases", "release/web/production/1")]


def test_what_is_live_says_who_started_its_run_and_its_commit(records: Records) -> None:
    records.runs.start(replace(a_run("run/web/1", commit="c" * 40), actor="ann"))
    records.releases.start("release/web/production/1", "web", "production", 1, "run/web/1")
    assert ReleaseLists(records.database).busy() == {"production"}
    records.releases.end("release/web/production/1", json.dumps({"verdict": "live", "version": "1"}))
    (live,) = ReleaseLists(records.database).newest_live("production", 5)
    assert (live["commit_id"], live["actor"], live["run"]) == ("c" * 40, "ann", "run/web/1")


def test_drift_is_told_of_the_service_that_it_was_found_at(records: Records) -> None:
    records.definitions.save("Drift", "production/web/r1", json.dumps({"lines": ["1 process too many", "its image"]}))
    records.definitions.save("Drift", "production/api/r2", json.dumps({"lines": []}))
    records.definitions.save("Drift", "production-2/web/r1", json.dumps({"lines": ["another"]}))
    records.definitions.save("Drift", "production@eu/web/r1", json.dumps({"lines": ["gone"]}))
    records.definitions.save("Drift", "production@us/api/r1", json.dumps({"lines": ["its port"]}))
    records.definitions.save("Drift", "production1/web/r1", json.dumps({"lines": ["another"]}))
    records.definitions.save("Drift", "production-2@eu/web/r1", json.dumps({"lines": ["another"]}))
    found = ReleaseLists(records.database).drifts(["production"])
    assert found == {
        ("production", "web"): "1 process too many\nits image\neu: gone",
        ("production", "api"): "us: its port",
    }


def test_a_pipeline_is_known_from_its_first_run_with_the_last_one(records: Records) -> None:
    lists = RunLists(records.database)
    for id_, repository in (
        ("run/web/1", "/srv/web"),
        ("run/web/1.2", ""),
        ("run/web/2", "/srv/other"),
        ("run/api/1", ""),
    ):
        records.runs.start(replace(a_run(id_), repository=repository, path="p.yaml"))
    records.runs.start(replace(a_run("run/web/2"), repository="/srv/other", path="p.yaml"))  # told again
    assert lists.pipelines("", 10, ALL) == [
        {"name": "api", "repository": "", "path": "", "last_run": "run/api/1", "runs": 1},
        {"name": "web", "repository": "/srv/other", "path": "p.yaml", "last_run": "run/web/2", "runs": 2},
    ]
    assert lists.pipelines("api", 10, ALL)[0] == lists.pipeline("web")
    assert lists.pipeline("none") is None
