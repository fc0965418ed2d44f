"""The inventory keeps counts exact, events with their end, and tells what has changed, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from activities.inventory import event_store
from activities.inventory.port import ClusterLife
from activities.inventory.rows import event_of
from activities.storage.changes import ChangeReader
from domain.core.errors import SluicewayError
from domain.inventory.model import Certificate, EventRow, Health, ObjectRow, WatchRow
from domain.inventory.rollup import FAILED_KEPT_S
from tests.support.profile import times
from workers.core.records import Records

POD = ObjectRow(cluster="eu", kind="Pod", namespace="shop", name="web", status="Running", cpu_m=100, details={"a": [1]})
OBJECTS, COUNTS, TOTALS = "inventory_objects", "inventory_counts", "inventory_totals"


def told(records: Records) -> int:
    return ChangeReader(records.database).ends()[1]


def counted(records: Records, table: str) -> int:
    """How many rows the counts have, which are those of the objects themselves."""
    by = ["cluster", "kind", *(["namespace"] if table == COUNTS else []), "status", "health"]
    sums = ", ".join(f"cast(sum({name}) as bigint) as {name}" for name in ("cpu_m", "memory_mb"))
    of = ", ".join(by)
    whole = f"select {of}, count(*) as number, {sums} from {OBJECTS} group by {of}"
    names = (*by, "number", "cpu_m", "memory_mb")
    expected = {tuple(row[name] for name in names) for row in records.database.rows(whole)}
    assert {tuple(row[name] for name in names) for row in records.database.rows(f"select * from {table}")} == expected
    return len(expected)


def placed(records: Records) -> None:
    """What is kept of services is what their placements say."""
    running: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for row in records.database.rows(
        f"select * from {OBJECTS} where kind in ('Deployment', 'StatefulSet', 'DaemonSet')"
    ):
        if row["service"]:
            place = (str(row["cluster"]), str(row["service"]), str(row["environment"]))
            running.setdefault(place, []).append((str(row["version"]), int(str(row["health"]))))
    expected = {
        (*place, len(of), sum(rank >= 3 for _, rank in of), max(rank for _, rank in of), len({name for name, _ in of}))
        for place, of in running.items()
    }
    services = records.database.rows("select * from inventory_services")
    assert {tuple(row.values()) for row in services} == expected
    environments = set()
    for cluster, environment in {(place[0], place[2]) for place in running}:
        of = [row for row in expected if (row[0], row[2]) == (cluster, environment)]
        names = {
            version for place, many in running.items() if place[::2] == (cluster, environment) for version, _ in many
        }
        environments.add(
            (cluster, environment, len(of), sum(row[4] > 0 for row in of), sum(row[6] > 1 for row in of), len(names))
        )
    assert {
        tuple(row.values()) for row in records.database.rows("select * from inventory_environments")
    } == environments


def events(records: Records) -> dict[str, EventRow]:
    return {event.uid: event for event in map(event_of, records.database.rows("select * from inventory_events"))}


@pytest.fixture
def noon(records: Records, monkeypatch) -> Records:
    monkeypatch.setattr(records.inventory, "_clock", lambda: 100.0)
    return records


few = st.sampled_from
rows = st.builds(
    ObjectRow,
    cluster=few(["eu"]),
    kind=few(["Pod", "Deployment", "DaemonSet"]),
    namespace=few(["", "a", "b"]),
    name=few(["x", "y", "z\x00", "\ud800"]),
    status=few(["Running", "Pending"]),
    service=few(["", "web", "api"]),
    environment=few(["", "production"]),
    version=few(["1", "2"]),
    health=few(list(Health)),
    cpu_m=few([0, 5, 10**30]),
    memory_mb=few([0, 7]),
)
keys = st.tuples(few(["Pod", "Deployment"]), few(["", "a"]), few("xy"))
steps = st.lists(st.tuples(st.lists(rows, max_size=6), st.lists(keys, max_size=6)), max_size=6)


@settings(max_examples=times(8, 20), deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_counts_are_those_of_the_rows_after_any_changes(records: Records, changes) -> None:
    for changed, gone in changes:
        records.inventory.apply("eu", changed, gone)
        counted(records, COUNTS)
        counted(records, TOTALS)
        placed(records)
    records.inventory.forget("eu")
    assert not counted(records, COUNTS)
    placed(records)


def test_counts_are_exact_with_two_writers_at_once(records: Records) -> None:
    def write(seed: int) -> None:
        for step in range(12):
            health = list(Health)[(seed + step) % 5]
            many = [replace(POD, name=f"web-{(seed * 3 + step + at) % 9}", health=health) for at in range(4)]
            records.inventory.apply("eu", many, [("Pod", "shop", f"web-{(seed + step) % 9}")])

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(2)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    counted(records, COUNTS)
    counted(records, TOTALS)


def test_nobody_is_told_where_nothing_differs(records: Records) -> None:
    records.inventory.apply("eu", [POD])
    before = told(records)
    records.inventory.apply("eu", [POD, POD], [("Pod", "shop", "other")])
    assert told(records) == before
    records.inventory.apply("eu", [replace(POD, status="Failed")])
    last = ChangeReader(records.database).after(before, 9)
    assert [(one.topic, one.key) for one in last] == [("fleet", "eu")]


def test_names_are_those_of_a_kind_and_a_row_that_is_changed_and_gone_is_there(records: Records) -> None:
    node = ObjectRow(cluster="eu", kind="Node", name="n")
    records.inventory.apply("eu", [POD, node], [("Pod", "shop", "web")])
    assert records.inventory.names("eu", "Pod") == {("shop", "web")}
    records.inventory.apply("eu", [], [("Pod", "shop", "web"), ("Pod", "shop", "never")])
    assert records.inventory.names("eu", "Pod") == set()
    assert records.inventory.names("eu", "Node") == {("", "n")}


def test_a_row_that_tells_no_time_is_so_since_its_row_changed(noon: Records) -> None:
    def since(**more: object) -> float:
        noon.inventory.apply("eu", [replace(POD, **more)])  # type: ignore[arg-type]
        (row,) = noon.database.rows(f"select since from {OBJECTS}")
        return float(row["since"])  # type: ignore[arg-type]

    assert since(created_at=7.0) == 7
    assert since(created_at=7.0, reason="other") == 7
    assert since(created_at=7.0, status="Failed") == 100
    assert since(created_at=7.0, status="Failed", since=30.0) == 30


def test_who_is_heard_of_again_is_told_once(records: Records) -> None:
    clock = records.inventory._clock()
    seen = WatchRow(cluster="eu", heard_at=clock - 1, synced_at=clock, version="v1")
    for row, tells in (
        (seen, 1),
        (replace(seen, heard_at=clock), 0),
        (replace(seen, heard_at=clock - 9), 0),
        (replace(seen, trouble="refused", trouble_since=clock), 1),
        (replace(seen, certificates=(Certificate(name="api", until=1.0),)), 1),
        (replace(seen, synced_at=0), 1),
    ):
        before = told(records)
        records.inventory.heard(row)
        assert told(records) - before == tells, row
    (kept,) = records.database.rows("select heard_at from inventory_watches")
    assert kept["heard_at"] == clock


def _event(uid: str, **more: object) -> EventRow:
    return EventRow(**{"cluster": "eu", "uid": uid, "about": "p1", "first_at": 10, "last_at": 20, **more})  # type: ignore[arg-type]


def test_an_end_stays_until_it_happens_again(noon: Records) -> None:
    noon.inventory.warn("eu", [_event("a"), _event("b", about="p2")])
    noon.inventory.end_events("eu", ["p1", "p9", ""], 30, "the pod runs")
    noon.inventory.warn("eu", [_event("a", count=2)])
    assert [one.uid for one in noon.inventory.going("eu")] == ["b"]
    assert (events(noon)["a"].ended_at, events(noon)["a"].ended_because, events(noon)["b"].ended_at) == (
        30,
        "the pod runs",
        0,
    )
    noon.inventory.warn("eu", [_event("a", first_at=15, last_at=40, count=3)])
    again = events(noon)["a"]
    assert [one.uid for one in noon.inventory.going("eu")] == ["a", "b"]
    noon.inventory.end_events("eu", [], 50, "it is gone", events=["b"])
    assert events(noon)["b"].ended_because == "it is gone"
    assert (again.ended_at, again.ended_because, again.first_at, again.count) == (0, "", 10, 3)


def test_as_many_events_are_kept_as_fit_the_newest_and_none_longer_than_a_week(noon: Records, monkeypatch) -> None:
    monkeypatch.setattr(noon.inventory, "_clock", lambda: event_store.KEPT_S + 15)
    monkeypatch.setattr(event_store, "KEPT", 20)
    many = [_event(f"e{at:04}", last_at=20 + at) for at in range(event_store.KEPT + 3)]
    noon.inventory.warn("eu", [_event("old", last_at=14), _event("other", last_at=16), *many])
    kept = events(noon)
    assert len(kept) == event_store.KEPT
    assert {"old", "other", "e0002"} & kept.keys() == set()


def test_a_life_is_known_until_it_has_no_status(records: Records) -> None:
    life = ClusterLife(name="eu", provider="kind", status="ready", since=1.0)
    records.inventory.lives(life)
    before = told(records)
    records.inventory.lives(life)
    assert told(records) == before
    records.inventory.apply("eu", [POD])
    records.inventory.lives(ClusterLife(name="eu"))
    assert told(records) == before + 2
    tables: Sequence[str] = ("inventory_clusters", "inventory_watches", OBJECTS, COUNTS, TOTALS)
    assert [len(records.database.rows(f"select 1 from {table}")) for table in tables] == [0] * 5


def test_a_cluster_that_could_not_be_made_is_told_for_a_day_without_its_objects(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = records.inventory._clock()
    failed = ClusterLife(name="eu", provider="kind", status="failed", reason="no quota", since=now)
    records.inventory.apply("eu", [POD])
    records.inventory.lives(failed)
    records.inventory.forget("eu")
    assert [row["reason"] for row in records.database.rows("select * from inventory_clusters")] == ["no quota"]
    assert not records.database.rows(f"select 1 from {OBJECTS}")

    monkeypatch.setattr(records.inventory, "_clock", lambda: now + FAILED_KEPT_S + 1)
    records.inventory.forget("other")
    assert not records.database.rows("select 1 from inventory_clusters")


def test_a_database_that_is_away_for_a_moment_is_asked_again(records: Records, monkeypatch) -> None:
    def away() -> None:
        raise OperationalError("begin", {}, Exception("locked"))

    monkeypatch.setattr(records.database, "write", away)
    with pytest.raises(SluicewayError, match="SLW808") as told:
        records.inventory.apply("edge", [POD])
    assert told.value.transient
