"""What is done in a cluster is refused at once where nobody here can reach it, whoever wants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.kubernetes.kubeconfigs import AddressBook
from domain.access.principal import OWNER, Caller, Principal, PrincipalKind
from domain.authority.cluster_orders import Order, OrderKind
from domain.clusters.access import DIALS_OUT, Access
from domain.core.errors import RefusedError
from tests.support.guards import OpenGuard
from workers.client.on_engine.orders import WITHIN, order
from workers.client.on_engine.parts import EngineParts
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.local_wiring import open_objects

ANN = Principal(kind=PrincipalKind.PERSON, name="ann")


@pytest.fixture
def given() -> list[Order]:
    return []


@pytest.fixture
def parts(tmp_path: Path, given: list[Order]) -> EngineParts:
    settings = Settings(tmp_path, tmp_path / "tools")
    AddressBook(settings.addresses).remember("far", Access(DIALS_OUT))
    records = Records.at(tmp_path / "records.db")
    return EngineParts(
        settings,
        records.database,
        lambda: open_objects(settings),
        opened=records,
        order=lambda one, proof: given.append(one),
    )


@pytest.mark.parametrize("who", [OWNER, ANN], ids=["owner", "person"])
@pytest.mark.parametrize("kind", sorted(WITHIN))
async def test_an_order_for_what_is_in_it_is_given_to_nobody(
    parts: EngineParts, given: list[Order], kind: OrderKind, who: Principal
) -> None:
    with pytest.raises(RefusedError) as refused:
        await order(parts, OpenGuard(caller=Caller(principal=who)), Order(kind=kind, cluster="far"))
    assert refused.value.code == "SLW977"
    assert not given


async def test_it_is_still_registered_and_forgotten(parts: EngineParts, given: list[Order]) -> None:
    for kind in (OrderKind.CLUSTER, OrderKind.DELETE):
        await order(parts, OpenGuard(caller=Caller(principal=ANN)), Order(kind=kind, cluster="far"))
    assert [one.kind for one in given] == [OrderKind.CLUSTER, OrderKind.DELETE]
