"""What every client keeps about requests: in memory, and through a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.core.errors import RefusedError, SluicewayError
from workers.client.on_engine.requests.requests import _told
from workers.client.ports.client import Client
from workers.client.ports.pages import PageOf
from workers.client.ports.requests import RequestFilter, Wish

QUOTA = Wish(cluster="eu-1", namespace="shop", kind="quota", values={"cpu": 2.0, "pods": 60.0}, reason="more")


async def test_a_plan_says_what_changes_and_asks_nobody(client: Client) -> None:
    before = (await client.requests.list(RequestFilter(), PageOf())).items
    plan = await client.requests.plan(QUOTA)
    assert plan.possible
    assert not plan.fits
    assert {one.name: (one.before, one.after) for one in plan.changes} == {"cpu": (8.0, 2.0), "pods": (40.0, 60.0)}
    assert plan.request.values == QUOTA.values
    assert (await client.requests.list(RequestFilter(), PageOf())).items == before


async def test_what_is_asked_is_listed_first_once_for_a_key_and_shown_with_its_plan(client: Client) -> None:
    id_ = await client.requests.apply(QUOTA, "key-1")
    assert await client.requests.apply(QUOTA, "key-1") == id_
    (newest, *_) = (await client.requests.list(RequestFilter(cluster="eu-1"), PageOf())).items
    found = await client.requests.show(id_)
    assert newest == found.row
    assert (found.row.id, found.row.status, found.stoppable) == (id_, "waiting", True)
    assert found.plan.changes
    assert found.approval == f"approval/{id_}/change"


async def test_a_filter_leaves_out_what_does_not_fit(client: Client) -> None:
    whole = (await client.requests.list(RequestFilter(), PageOf(limit=200))).items
    for row in whole[:4]:
        for which in (RequestFilter(status=row.status), RequestFilter(kind=row.kind, namespace=row.namespace)):
            found = (await client.requests.list(which, PageOf(limit=200))).items
            wanted = {name: text for name, text in vars(which).items() if text}
            fits = [one for one in whole if all(getattr(one, name) == text for name, text in wanted.items())]
            assert list(found) == fits


async def test_what_is_withdrawn_waits_no_more_and_what_has_ended_cannot_be_ended(client: Client) -> None:
    id_ = await client.requests.apply(QUOTA)
    await client.requests.cancel(id_, "not needed")
    assert (await client.requests.show(id_)).row.status == "cancelled"
    with pytest.raises(SluicewayError) as over:
        await client.requests.cancel(id_, "again")
    assert over.value.code == "SLW973"


@pytest.mark.parametrize("wish", [replace(QUOTA, reason=""), replace(QUOTA, values={}), replace(QUOTA, namespace="x")])
async def test_what_cannot_be_asked_for_is_refused_with_its_reason(client: Client, wish: Wish) -> None:
    assert not (await client.requests.plan(wish)).possible
    with pytest.raises(RefusedError) as refused:
        await client.requests.apply(wish)
    assert refused.value.code == "SLW971"
    assert refused.value.why


async def test_what_is_not_there_has_its_code(client: Client) -> None:
    with pytest.raises(SluicewayError) as missing:
        await client.requests.show("request/eu-1/999")
    assert missing.value.code == "SLW972"


async def test_a_priority_class_is_asked_for_and_its_plan_says_who_has_it(client: Client) -> None:
    wish = Wish(cluster="eu-1", namespace="", kind="priority", name="important", values={"value": 5.0}, reason="less")
    plan = await client.requests.plan(wish)
    assert (plan.possible, plan.request.before) == (True, {"value": 1e6, "preempts": 1.0})
    assert [(one.namespace, one.name) for one in plan.affected] == [("shop", "web")]
    id_ = await client.requests.apply(wish)
    assert (await client.requests.show(id_)).row.says == "class important 1000000 → 5"


def test_a_limit_of_any_name_does_not_stand_for_the_reason_in_the_audit() -> None:
    evil = replace(QUOTA, values={"reason": 1.0, "kind": 2.0, "namespace": 3.0, "cpu": 4.0})
    assert _told(evil) == {"kind": "quota", "namespace": "shop", "reason": "more", "cpu": 4.0}
