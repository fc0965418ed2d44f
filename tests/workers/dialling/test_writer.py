"""A worker in a cluster writes the same rows by way of the server as one beside the database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.inventory.port import ClusterLife, InventoryWriter
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.core.errors import RefusedError, SluicewayError, UnreachableError
from domain.inventory.model import Certificate, EventRow, Health, ObjectRow, WatchRow
from domain.inventory.rows import UNREADABLE
from domain.inventory.told import Told
from tests.support.far import far_client
from tests.support.guards import OpenGuard
from tests.support.memory_client import memory_client
from tests.support.memory_client.dial_outs import MemoryRelay
from tests.support.profile import times
from workers.client.on_engine.dial_outs import dial_outs
from workers.client.on_engine.dial_outs.dial_outs import EngineDialOuts, scope_of
from workers.client.ports.dial_outs import DialOuts
from workers.core.records import Records
from workers.dialling import writer as writers
from workers.dialling.writer import DialledWriter

NOW = 1_800_000_000.0
POD = ObjectRow(cluster="far", kind="Pod", namespace="shop", name="web", status="Running", since=1)
TABLES = ("inventory_objects", "inventory_counts", "inventory_totals", "inventory_services", "inventory_events")


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever, daemon=True)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


def records_at(path: Path) -> Records:
    made = Records.at(path)
    made.inventory._clock = lambda: NOW
    return made


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Records]:
    made = records_at(tmp_path / "far.db")
    yield made
    made.close()


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Records]:
    made = records_at(tmp_path / "near.db")
    yield made
    made.close()


def server_of(records: Records) -> DialOuts:
    caller = Caller(principal=Principal(kind=PrincipalKind.TOKEN, name="t"), scope=scope_of("far"))
    engine = EngineDialOuts(
        OpenGuard(caller=caller), MemoryRelay({}), lambda: records.inventory, lambda name: True, lambda: NOW
    )
    return far_client(replace(memory_client(), dial_outs=engine)).dial_outs


@pytest.fixture
def writer(far: Records, loop: asyncio.AbstractEventLoop) -> DialledWriter:
    return DialledWriter("far", server_of(far), loop, lambda: NOW)


def kept(records: Records) -> dict[str, list[dict[str, Any]]]:
    return {name: sorted(map(dict, records.database.rows(f"select * from {name}")), key=str) for name in TABLES}


names = st.sampled_from(["a", "b", "web"])
objects = st.builds(
    ObjectRow,
    cluster=st.just("far"),
    kind=st.sampled_from(["Pod", "Deployment"]),
    namespace=names,
    name=names,
    health=st.sampled_from(list(Health)),
    status=st.sampled_from(["Running", "Failed"]),
    since=st.just(5.0),
    service=names,
    cpu_m=st.integers(0, 100),
)
warnings = st.builds(
    EventRow, cluster=st.just("far"), uid=names, about=names, last_at=st.just(NOW), first_at=st.just(NOW)
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), st.lists(objects, max_size=4), st.lists(st.tuples(st.just("Pod"), names, names))),
        st.tuples(st.just("warn"), st.lists(warnings, max_size=3), st.none()),
        st.tuples(st.just("end"), st.lists(names, max_size=2), st.lists(names, max_size=2)),
    ),
    max_size=6,
)


def play(writer: InventoryWriter, step: tuple[str, Any, Any]) -> None:
    what, first, second = step
    if what == "apply":
        writer.apply("far", first, second)
    elif what == "warn":
        writer.warn("far", first)
    else:
        writer.end_events("far", first, NOW, "over", events=second)


@settings(max_examples=times(6, 15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(played=steps)
def test_whatever_happens_the_rows_are_those_of_a_writer_beside_the_database(
    writer: DialledWriter, far: Records, near: Records, played: list[tuple[str, Any, Any]]
) -> None:
    for one in (far, near):
        one.inventory.forget("far")
    for step in played:
        play(writer, step)
        play(near.inventory, step)

    assert kept(far) == kept(near)
    assert writer.names("far", "Pod") == near.inventory.names("far", "Pod")
    assert [one.uid for one in writer.going("far")] == [one.uid for one in near.inventory.going("far")]


def test_many_objects_and_many_names_go_in_parts(
    writer: DialledWriter, far: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "MOST_BYTES", 2_000)
    monkeypatch.setattr(dial_outs, "MOST_NAMES", 7)
    rows = [replace(POD, name=f"web-{number}") for number in range(30)]
    writer.apply("far", rows)
    writer.apply("far", [], [row.key[1:] for row in rows[:10]])

    assert writer.names("far", "Pod") == {("shop", row.name) for row in rows[10:]}


def test_an_object_that_the_server_would_refuse_holds_up_no_other_one(writer: DialledWriter, far: Records) -> None:
    writer.apply("far", [POD, replace(POD, name="odd", details={"labels": ["a"]})])

    found = {row["name"]: row["status"] for row in kept(far)["inventory_objects"]}
    assert found == {"web": "Running", "odd": UNREADABLE}


def test_when_it_was_heard_of_is_by_the_clock_of_the_server(far: Records, loop: asyncio.AbstractEventLoop) -> None:
    late = DialledWriter("far", server_of(far), loop, lambda: NOW - 5_000)
    late.heard(WatchRow(cluster="far", heard_at=NOW - 5_007, certificates=(Certificate(name="API server", until=9),)))

    (row,) = far.database.rows("select heard_at, dialled_at from inventory_watches")
    assert dict(row) == {"heard_at": NOW - 7, "dialled_at": NOW}


def test_it_does_not_tell_how_its_life_is(writer: DialledWriter) -> None:
    for call in (lambda: writer.lives(ClusterLife(name="far")), lambda: writer.forget("far")):
        with pytest.raises(RefusedError) as refused:
            call()
        assert refused.value.code == "SLW979"


@pytest.mark.parametrize(
    "broken",
    [
        UnreachableError("SLW470", "away"),
        SluicewayError("SLW807", "away", status=503),
        SluicewayError("SLW980", "slower", status=429),
    ],
    ids=["gone", "busy", "too much"],
)
def test_what_cannot_be_told_now_waits(loop: asyncio.AbstractEventLoop, broken: SluicewayError) -> None:
    class Away(MemoryDials):
        async def tell(self, cluster: str, told: Told) -> None:
            raise broken

    with pytest.raises(SluicewayError) as refused:
        DialledWriter("far", Away(), loop).heard(WatchRow(cluster="far"))
    assert (refused.value.code, refused.value.transient) == ("SLW808", True)


class MemoryDials(EngineDialOuts):
    def __init__(self) -> None:
        pass
