"""Every client tells the same of what is in the clusters: in memory, from the records, and through a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.inventory.objects import ObjectLists, WantedObjects
from activities.inventory.reach import Reach
from activities.inventory.request_rows import having_of, rows_of
from domain.access.actions import Action
from domain.clusters.requests import ClusterRequest, RequestKind
from domain.core.errors import SluicewayError
from domain.inventory.model import KINDS, Freshness, Health
from tests.support.far import far_client
from tests.support.guards import OpenGuard
from tests.support.memory_client import World, memory_client, seeded
from tests.support.memory_client.world import NOW
from tests.support.postgres import Postgres, installed
from tests.support.profile import times
from workers.client.on_engine.fleets.fleets import EngineFleets
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.fleets import Fleets, ObjectFilter
from workers.client.ports.pages import PageOf
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

WORLD = seeded(runs=1)
WORLD.objects = {key: replace(row, since=row.since or NOW) for key, row in WORLD.objects.items()}
GUARDS = {
    "everybody": OpenGuard(),
    "a few": OpenGuard(readable_names=("eu-1", "edge-1", "lab")),
    "none": OpenGuard(readable_names=()),
}
ALL = PageOf(limit=200)


def fill(records: Records, world: World) -> None:
    """What the world knows of its clusters, as the watch writes it."""
    store = records.inventory
    for watch in world.watches.values():
        store.heard(watch)
        if watch.worker:
            store.greeted(watch.cluster, watch.worker)
    for name, life in world.cluster_lives.items():
        store.lives(life)
        store.apply(name, [row for row in world.objects.values() if row.cluster == name])
        store.warn(name, [event for event in world.warnings if event.cluster == name])


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def records(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    server = Postgres(installed()) if request.param == "postgres" else None
    if server:
        server.start()
    made = Records.at(server.database() if server else tmp_path_factory.mktemp("fleet") / "records.db")
    made.inventory._clock = lambda: NOW
    fill(made, WORLD)
    yield made
    made.close()
    if server:
        server.stop()


def engine(records: Records, guard: OpenGuard, folder: Path = Path("/nonexistent")) -> Fleets:
    settings_ = Settings(folder, folder)
    parts = EngineParts(settings_, records.database, lambda: open_objects(settings_), opened=records)
    return EngineFleets(parts, guard, lambda: NOW)


def both(records: Records, who: str) -> tuple[Fleets, Fleets]:
    return engine(records, GUARDS[who]), memory_client(WORLD, GUARDS[who]).fleets


def test_a_plan_of_a_priority_class_knows_who_has_it(records: Records) -> None:
    asked = ClusterRequest("eu-1", "", RequestKind.PRIORITY, name="important")
    having = having_of(records.database, asked)
    assert having is not None
    assert (having.classes, having.pods["important"], having.pods["gone"]) == ({"important": 1e6}, 1, 1)
    lists = ObjectLists(records.database)
    found = lists.saying(WantedObjects(), Reach(names=("eu-1",)), "priority", "important", 10)
    assert [row.name for row in found] == ["urgent-0"]
    assert rows_of(records.database, asked) == []


@pytest.mark.parametrize("who", GUARDS)
async def test_the_fleet_at_a_glance_is_what_its_rows_say(records: Records, who: str) -> None:
    real, plain = both(records, who)
    found, expected = await real.overview(), await plain.overview()
    assert found.totals == expected.totals
    assert found.clusters == expected.clusters
    assert found.worst == expected.worst
    assert found.environments == expected.environments
    assert found.warnings == expected.warnings
    assert await real.heard() == await plain.heard()


few = st.sampled_from
filters = st.builds(
    ObjectFilter,
    kind=few(["Pod", "Workload", "Other", "Node", "PersistentVolumeClaim", "Deployment", "Namespace", "Nonsense"]),
    cluster=few(["", "", "eu-1", "edge-1", "us-1", "nowhere"]),
    namespace=few(["", "", "shop", "kube-system", '"><img src=x onerror=alert(1)>']),
    health=few(["", "", "bad", "was-bad", *Health, "nonsense"]),
    status=few(["", "", "Running", "3/3"]),
    node=few(["", "", "", "eu-1-node-1"]),
    owner=few(["", "", "", "Deployment/web-shop"]),
    service=few(["", "", "", "web-shop"]),
    environment=few(["", "", "production"]),
    text=few(["", "", "WEB", "%", "_", "!", "' or 1=1 --", "\\"]),
)


@settings(max_examples=times(20, 60), deadline=None, suppress_health_check=list(HealthCheck))
@given(filters, few(list(GUARDS)))
async def test_lists_and_counts_agree_under_any_filter_and_any_rights(
    records: Records, which: ObjectFilter, who: str
) -> None:
    real, plain = both(records, who)
    found, expected = (await real.objects(which, ALL)).items, (await plain.objects(which, ALL)).items
    assert {row.key: row for row in found} == {row.key: row for row in expected}
    assert await real.counts(which) == await plain.counts(which)
    for detail in ("priority", "labels", "phase"):
        assert await real.details(which, detail) == await plain.details(which, detail)
    assert (await real.counts(which)).total == len(found)


@pytest.mark.parametrize("who", GUARDS)
async def test_lists_are_the_same_in_small_pages(records: Records, who: str) -> None:
    real, plain = both(records, who)
    lists = {
        "objects": lambda of, page: of.objects(ObjectFilter(kind="Workload"), page),
        "clusters": lambda of, page: of.clusters("", "", page),
        "bad clusters": lambda of, page: of.clusters("", "", page, "bad"),
        "namespaces": lambda of, page: of.namespaces("", "", page),
        "services": lambda of, page: of.services("", "", page),
        "bad services": lambda of, page: of.services("", "bad", page),
        "unknown services": lambda of, page: of.services("", "unknown", page),
        "healthy services": lambda of, page: of.services("", "healthy", page),
        "events": lambda of, page: of.events("", "", False, page),
        "going events": lambda of, page: of.events("eu-1", "", True, page),
    }
    for name, ask in lists.items():
        whole = (await ask(real, ALL)).items
        expected = (await ask(plain, ALL)).items
        assert (len(whole), [row for row in whole if row not in expected]) == (len(expected), []), name
        parts, page = [], PageOf(limit=3)
        while True:
            part = await ask(real, page)
            parts += part.items
            if not part.next:
                break
            page = replace(page, after=part.next)
        assert tuple(parts) == whole, name


@pytest.mark.parametrize(("who", "meant"), [("everybody", "us-1"), ("a few", ""), ("none", "")])
async def test_a_name_that_is_not_there_is_answered_by_the_nearest_that_may_be_read(
    records: Records, who: str, meant: str
) -> None:
    with pytest.raises(SluicewayError) as refused:
        await engine(records, GUARDS[who]).cluster("us1")
    assert refused.value.code == "SLW907"
    assert refused.value.fix == (f"did you mean '{meant}'?" if meant else "sluiceway fleet")


async def test_one_of_each_is_as_in_its_list(records: Records) -> None:
    real, plain = both(records, "everybody")
    for name in ("eu-1", "edge-1", "lab"):
        found = await real.cluster(name)
        assert (found.row, found.certificates, found.answers) == (
            (await plain.cluster(name)).row,
            WORLD.watches[name].certificates,
            False,
        )
    for row in (await real.namespaces("eu-1", "", ALL)).items:
        assert await real.namespace("eu-1", row.name) == row
    for one in (await real.services("", "", ALL)).items:
        assert await real.service(one.name) == one
    for kind in KINDS:
        for item in (await real.objects(ObjectFilter(kind=kind, cluster="eu-1"), PageOf(limit=5))).items:
            assert await real.object(*item.key) == await plain.object(*item.key)


async def test_what_may_not_be_read_is_answered_as_what_is_not_there(records: Records) -> None:
    guard = OpenGuard(readable_names=("eu-1",), refused=frozenset({Action.CLUSTERS_READ}))
    real = engine(records, guard)
    pod = next(key for key in WORLD.objects if key[0] == "us-1" and key[1] == "Pod")
    asked = {
        "cluster": (lambda name: real.cluster(name)),
        "namespace": (lambda name: real.namespace(name, "shop")),
        "object": (lambda name: real.object(name, *pod[1:])),
    }
    for ask in asked.values():
        told = []
        for name in ("us-1", "nowhere"):
            with pytest.raises(SluicewayError) as nothing:
                await ask(name)
            told.append(str(nothing.value).replace(name, "NAME"))
        assert told[0] == told[1]
        assert "SLW907" in told[0]


async def test_a_silent_cluster_is_never_healthy(records: Records) -> None:
    real, _ = both(records, "everybody")
    for kind in ("Pod", "Workload", "Node"):
        counts = await real.counts(ObjectFilter(kind=kind, cluster="edge-1"))
        assert counts.health.keys() == {"unknown"}
    assert (await real.cluster("edge-1")).row.freshness is Freshness.STALE
    assert {row.health for row in (await real.namespaces("edge-1", "", ALL)).items} == {Health.UNKNOWN}


async def test_a_search_finds_what_begins_with_a_text_before_what_has_it_inside(records: Records) -> None:
    real, _ = both(records, "everybody")
    found = await real.search("Shop")
    assert {"namespace", "service", "workload"} <= {one.kind for one in found}
    begins = [one.name.startswith("shop") for one in found]
    assert begins == sorted(begins, reverse=True)
    assert len({(one.kind, one.id) for one in found}) == len(found) <= 50
    assert await real.search(" ") == await real.search("s%p") == ()
    hidden = await both(records, "none")[0].search("shop")
    assert not hidden


async def test_a_far_client_tells_the_same() -> None:
    near = memory_client()
    far = far_client(near).fleets
    assert await far.overview() == await near.fleets.overview()
    assert await far.heard() == await near.fleets.heard()
    assert await far.cluster("eu-1") == await near.fleets.cluster("eu-1")
    assert await far.counts(ObjectFilter(cluster="eu-1")) == await near.fleets.counts(ObjectFilter(cluster="eu-1"))
    for one in (await near.fleets.namespaces("eu-1", "", ALL)).items:
        assert await far.namespace("eu-1", one.name) == one
    for service in (await near.fleets.services("", "", ALL)).items:
        assert await far.service(service.name) == service
    for row in (await near.fleets.objects(ObjectFilter(text="%"), ALL)).items:
        assert await far.object(*row.key) == await near.fleets.object(*row.key)
    assert await far.events("", "", True, ALL) == await near.fleets.events("", "", True, ALL)
    assert await far.search("web") == await near.fleets.search("web")
    assert await far.clusters("", "", ALL, "bad") == await near.fleets.clusters("", "", ALL, "bad")
