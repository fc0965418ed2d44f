"""The worker in a cluster asks and tells by its own token alone, near and far, and of its own cluster alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.access.actions import Action
from domain.access.principal import Caller, Principal, PrincipalKind, Scope
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.core.version import VERSION
from domain.inventory.dial_versions import PROTOCOL, Fits
from domain.inventory.model import EventRow, ObjectRow, WatchRow
from domain.inventory.told import Ended, Told
from tests.support.far import far_client
from tests.support.guards import OpenGuard
from tests.support.memory_client import World, memory_client
from tests.support.memory_client.dial_outs import MemoryLedger, MemoryRelay
from workers.client.on_engine.dial_outs.dial_outs import EngineDialOuts, Ledger, scope_of
from workers.client.on_engine.dial_outs.pace import Pace
from workers.client.ports.dial_outs import DialOuts
from workers.core.records import Records

NOW = 1_800_000_000.0
POD = ObjectRow(cluster="far", kind="Pod", namespace="shop", name="web", status="Running")
WARNING = EventRow(cluster="far", uid="u", about="pod-uid", reason="BackOff", last_at=NOW)


def by(scope: Scope | None) -> OpenGuard:
    return OpenGuard(caller=Caller(principal=Principal(kind=PrincipalKind.TOKEN, name="t"), scope=scope))


class Both:
    """What is told, and what of it is kept."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.relay = ledger, MemoryRelay({"far": ["watch-inventory"]})

        self.pace = Pace()

    def as_(self, scope: Scope | None, refused: frozenset[Action] = frozenset()) -> DialOuts:
        guard = replace(by(scope), refused=refused)
        near = EngineDialOuts(
            guard, self.relay, lambda: self.ledger, lambda name: name in ("far", "wide"), lambda: NOW, self.pace
        )
        return far_client(replace(memory_client(), dial_outs=near)).dial_outs

    @property
    def worker(self) -> DialOuts:
        return self.as_(scope_of("far"))


@pytest.fixture(params=["memory", "records"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Both]:
    if request.param == "memory":
        yield Both(MemoryLedger(World()))
        return
    records = Records.at(tmp_path / "records.db")
    records.inventory._clock = lambda: NOW
    yield Both(records.inventory)
    records.close()


def told(**given: object) -> Told:
    return Told(**{"at": NOW, **given})  # type: ignore[arg-type]  # fields by name


async def test_what_is_told_is_written_and_what_is_gone_is_removed(both: Both) -> None:
    await both.worker.tell("far", told(rows=(POD, replace(POD, name="db")), events=(WARNING,)))
    await both.worker.tell("far", told(gone=(("Pod", "shop", "db"),), ended=(Ended(events=("u",), at=NOW),)))
    found = await both.worker.names("far", "Pod", "", "")

    assert (found.names, found.whole) == ((("shop", "web"),), True)
    assert await both.worker.going("far") == ()


async def test_names_come_in_parts_after_the_last_one(both: Both) -> None:
    await both.worker.tell("far", told(rows=(POD, replace(POD, name="db"), replace(POD, namespace="zoo"))))

    after = await both.worker.names("far", "Pod", "shop", "db")
    assert after.names == (("shop", "web"), ("zoo", "web"))
    assert (await both.worker.names("far", "Secret", "", "")).names == ()


async def test_warnings_that_go_on_are_told_again(both: Both) -> None:
    await both.worker.tell("far", told(events=(WARNING,)))

    assert [one.uid for one in await both.worker.going("far")] == ["u"]


async def test_work_is_given_once_and_ends(both: Both) -> None:
    given = await both.worker.task("far")
    assert given is not None
    assert given.kind == "watch-inventory"
    assert await both.worker.task("far") is None
    assert not (await both.worker.beat("far", given.handle)).over
    await both.worker.end("far", given.handle, "the watch ended", False)

    assert both.relay.ends == [("the watch ended", False)]


async def test_a_handle_of_another_clusters_work_is_none(both: Both) -> None:
    given = await both.worker.task("far")
    assert given is not None
    other = both.as_(scope_of("wide"))
    for call in (other.beat("wide", given.handle), other.end("wide", given.handle, "", False)):
        with pytest.raises(DefinitionError) as refused:
            await call
        assert refused.value.code == "SLW978"


@pytest.mark.parametrize("row", [replace(POD, cluster="near"), replace(POD, name="x" * 300)], ids=["other", "long"])
async def test_what_is_of_another_cluster_or_no_row_is_not_written(both: Both, row: ObjectRow) -> None:
    with pytest.raises(DefinitionError) as refused:
        await both.worker.tell("far", told(rows=(POD, row)))

    assert refused.value.code == "SLW978"
    assert both.ledger.names("far", "Pod") == both.ledger.names("near", "Pod") == set()


SCOPES = {
    "a person's own": None,
    "another cluster's": scope_of("wide"),
    "more actions": Scope(actions=frozenset(Action), resources=frozenset({"cluster:far"})),
    "more clusters": Scope(actions=frozenset({"clusters:report"}), resources=frozenset({"engine:engine"})),
}


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
async def test_only_the_token_of_exactly_this_cluster_counts(both: Both, scope: Scope | None) -> None:
    stranger = both.as_(scope)
    for call in (
        stranger.hello("far", VERSION, PROTOCOL),
        stranger.task("far"),
        stranger.beat("far", "h"),
        stranger.end("far", "h", "", False),
        stranger.tell("far", told(rows=(POD,))),
        stranger.names("far", "Pod", "", ""),
        stranger.going("far"),
    ):
        with pytest.raises(RefusedError) as refused:
            await call
        assert refused.value.code == "SLW979"
    assert not both.ledger.names("far", "Pod")


async def test_a_cluster_that_does_not_dial_out_is_told_of_by_nobody(both: Both) -> None:
    with pytest.raises(SluicewayError) as refused:
        await both.as_(scope_of("near")).tell("near", told(rows=(replace(POD, cluster="near"),)))
    assert refused.value.code == "SLW952"


async def test_the_key_of_permits_is_told_of_no_cluster_that_does_not_dial_out(both: Both) -> None:
    with pytest.raises(SluicewayError) as refused:
        await both.as_(None).permits_key("near")
    assert refused.value.code == "SLW952"


@pytest.mark.parametrize(
    ("reads", "code"), [(True, "SLW410"), (False, "SLW952")], ids=["who may know of it", "who may not"]
)
async def test_whoever_has_no_right_any_more_tells_nothing(both: Both, reads: bool, code: str) -> None:
    lost = {Action.CLUSTERS_REPORT} if reads else {Action.CLUSTERS_REPORT, Action.CLUSTERS_READ}
    with pytest.raises(SluicewayError) as refused:
        await both.as_(scope_of("far"), frozenset(lost)).tell("far", told(rows=(POD,)))
    assert refused.value.code == code


async def test_nobody_is_heard_of_later_than_now(both: Both) -> None:
    watch = WatchRow(cluster="far", heard_at=NOW + 1e6, version="v1")
    await both.worker.tell("far", told(watch=watch))
    kept = {}
    if isinstance(both.ledger, MemoryLedger):
        kept = both.ledger._world.watches
    else:
        row = both.ledger._database.rows("select heard_at, dialled_at from inventory_watches")[0]  # type: ignore[attr-defined]
        kept = {"far": WatchRow(cluster="far", heard_at=row["heard_at"], dialled_at=row["dialled_at"])}
    assert (kept["far"].heard_at, kept["far"].dialled_at) == (NOW, NOW)


@pytest.mark.parametrize(
    ("version", "fit"), [(VERSION, Fits.SAME), ("0.0.1", Fits.OLDER), ("99.0.0", Fits.NEWER), ("", Fits.UNKNOWN)]
)
async def test_a_worker_says_its_version_and_hears_whether_it_fits(both: Both, version: str, fit: Fits) -> None:
    found = await both.worker.hello("far", version, PROTOCOL)
    await both.worker.tell("far", told(watch=WatchRow(cluster="far", heard_at=NOW, worker="forged")))

    assert (found.version, found.fits) == (VERSION, fit)
    assert _worker(both.ledger) == version


async def test_one_that_speaks_another_protocol_is_refused_and_shown(both: Both) -> None:
    with pytest.raises(DefinitionError) as refused:
        await both.worker.hello("far", "99.0.0", PROTOCOL + 1)
    assert (refused.value.code, _worker(both.ledger)) == ("SLW981", "99.0.0")


def _worker(ledger: Ledger) -> str:
    if isinstance(ledger, MemoryLedger):
        return ledger._world.watches["far"].worker
    row = ledger._database.rows("select body from inventory_watches")[0]  # type: ignore[attr-defined]
    return str(json.loads(row["body"])["worker"])
