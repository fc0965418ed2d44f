"""A cluster that floods the server holds up no other one, and is told when more of it is taken."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from domain.access.principal import Caller, Principal, PrincipalKind
from domain.core.errors import DefinitionError, SluicewayError
from domain.inventory.model import ObjectRow
from domain.inventory.told import Told
from domain.inventory.told_pace import MOST_BYTES, RATES, Cost
from tests.support.guards import OpenGuard
from tests.support.memory_client import World
from tests.support.memory_client.dial_outs import MemoryLedger, MemoryRelay
from workers.client.on_engine.dial_outs.dial_outs import EngineDialOuts, scope_of
from workers.client.on_engine.dial_outs.pace import MEASURED_EVERY_S, MOST_WAITING, Pace, PacedError


class Slow(MemoryLedger):
    """Writes nothing until it may; in which order."""

    def __init__(self) -> None:
        super().__init__(World())
        self.may, self.order = threading.Event(), list[str]()

    def apply(self, cluster: str, *rows: Any) -> None:
        self.may.wait(20)
        self.order.append(cluster)


@pytest.fixture
def ledger() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.may.set()


@pytest.fixture
def pace() -> Pace:
    return Pace(lambda: 1e6)


def worker(cluster: str, ledger: MemoryLedger, pace: Pace) -> EngineDialOuts:
    caller = Caller(principal=Principal(kind=PrincipalKind.TOKEN, name="t"), scope=scope_of(cluster))
    return EngineDialOuts(OpenGuard(caller=caller), MemoryRelay({}), lambda: ledger, lambda _: True, lambda: 1.0, pace)


def rows(cluster: str, number: int = 1) -> Told:
    return Told(at=1, rows=tuple(ObjectRow(cluster=cluster, kind="Pod", name=f"p{one}") for one in range(number)))


async def test_a_flood_waits_for_its_own_turn_and_others_are_written_in_between(ledger: Slow, pace: Pace) -> None:
    flood = [asyncio.ensure_future(worker("mad", ledger, pace).tell("mad", rows("mad"))) for _ in range(100)]
    await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.sleep(0)
    other = asyncio.ensure_future(worker("far", ledger, pace).tell("far", rows("far")))
    ledger.may.set()
    await other
    ends = await asyncio.gather(*flood, return_exceptions=True)

    refused = [one for one in ends if isinstance(one, PacedError)]
    assert len(ends) - len(refused) <= MOST_WAITING
    assert {one.code for one in refused} == {"SLW980"}
    assert "far" in ledger.order[:3]


async def test_who_tells_too_much_is_told_when_more_is_taken_and_others_are_not(ledger: Slow, pace: Pace) -> None:
    ledger.may.set()
    mad, far = worker("mad", ledger, pace), worker("far", ledger, pace)
    pace.take("mad", Cost(rows=RATES["rows"].burst - 50))
    await mad.tell("mad", rows("mad", 50))
    with pytest.raises(PacedError) as refused:
        await mad.tell("mad", rows("mad", 50))
    assert refused.value.retry_after_s == 1
    await mad.going("mad")
    await far.tell("far", rows("far", 50))


def test_requests_that_tell_nothing_are_counted_too(pace: Pace) -> None:
    for _ in range(RATES["requests"].burst):
        pace.take("mad", Cost())
    with pytest.raises(PacedError):
        pace.take("mad", Cost())
    pace.take("far", Cost())


def test_a_cluster_fills_no_disk_and_its_rows_are_measured_no_more_than_once_a_minute() -> None:
    now, measured = [0.0], list[int]()
    pace = Pace(lambda: now[0])

    def size() -> int:
        measured.append(1)
        return MOST_BYTES - 100

    for _ in range(2):
        with pytest.raises(DefinitionError, match="refused") as refused:
            pace.grow("far", 200, size)
    assert (refused.value.code, len(measured)) == ("SLW978", 1)
    pace.grow("far", 60, size)
    now[0] = MEASURED_EVERY_S
    pace.grow("far", 60, size)
    assert len(measured) == 2


async def test_who_waits_and_gives_up_leaves_its_place(ledger: Slow, pace: Pace) -> None:
    flood = [asyncio.ensure_future(worker("mad", ledger, pace).tell("mad", rows("mad"))) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    for one in flood:
        one.cancel()
    await asyncio.wait(flood)
    ledger.may.set()
    try:
        await worker("mad", ledger, pace).tell("mad", rows("mad"))
    except SluicewayError as held:
        pytest.fail(str(held))
