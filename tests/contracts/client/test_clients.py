"""What every client keeps, whichever way it asks an engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.access.actions import Action
from domain.core.errors import RefusedError, SluicewayError
from tests.support.far import far_client
from tests.support.guards import OpenGuard
from tests.support.memory_client import memory_client, seeded
from workers.client.ports.client import Client
from workers.client.ports.pages import PageOf
from workers.client.ports.runs import RunFilter, StartRun


@pytest.fixture(params=["memory", "far"])
def client(request: pytest.FixtureRequest) -> Client:
    near = memory_client()
    return near if request.param == "memory" else far_client(near)


async def _all(client: Client, which: RunFilter, limit: int) -> list[str]:
    found, page = [], PageOf(limit=limit)
    while True:
        part = await client.runs.list(which, page)
        assert len(part.items) <= limit
        found += [row.id for row in part.items]
        if not part.next:
            return found
        page = replace(page, after=part.next)


@pytest.mark.parametrize(
    "which", [RunFilter(), RunFilter(pipeline="billing"), RunFilter(status="failed"), RunFilter(text="ANN")]
)
async def test_pages_have_every_run_once_newest_first(client: Client, which: RunFilter) -> None:
    in_small_pages, in_large_ones = await _all(client, which, 7), await _all(client, which, 200)
    assert in_small_pages == in_large_ones
    assert in_small_pages
    assert len(set(in_small_pages)) == len(in_small_pages)


@pytest.mark.parametrize("limit", [0, -1, 201])
async def test_no_list_is_without_a_limit(client: Client, limit: int) -> None:
    with pytest.raises(SluicewayError) as refused:
        await client.runs.list(RunFilter(), PageOf(limit=limit))
    assert refused.value.code == "SLW479"


async def test_a_page_fits_only_the_list_that_it_was_made_for(client: Client) -> None:
    first = await client.runs.list(RunFilter(), PageOf(limit=2))
    for which, after in ((RunFilter(status="failed"), first.next), (RunFilter(), "x" * 5_000), (RunFilter(), "e30=")):
        with pytest.raises(SluicewayError) as refused:
            await client.runs.list(which, PageOf(after=after))
        assert refused.value.code == "SLW479"


async def test_a_run_is_started_once_for_a_key(client: Client) -> None:
    first = await client.runs.start(StartRun(pipeline="web-shop"), "key")
    assert await client.runs.start(StartRun(pipeline="web-shop"), "key") == first
    assert await client.runs.start(StartRun(pipeline="web-shop"), "other") != first
    with pytest.raises(RefusedError):
        await client.runs.start(StartRun(pipeline="billing"), "key")


async def test_an_unknown_run_has_its_code(client: Client) -> None:
    for name in ("web-shop/999", "nothing", "../../etc/passwd", "web-shop/1.99"):
        with pytest.raises(SluicewayError) as unknown:
            await client.runs.show(name)
        assert unknown.value.code == "SLW911"


async def test_whoever_may_not_read_gets_nothing_and_a_rule() -> None:
    guard = OpenGuard(refused=frozenset({Action.RUNS_READ}))
    client = memory_client(seeded(), guard)
    with pytest.raises(RefusedError) as refused:
        await client.runs.show("web-shop/1")
    assert (refused.value.code, refused.value.why) == ("SLW410", "default/deny")
