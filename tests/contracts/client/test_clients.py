"""What every client keeps, whichever way it asks an engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.access.actions import Action
from domain.core.errors import RefusedError, SluicewayError
from tests.support.guards import OpenGuard
from tests.support.memory_client import memory_client, seeded
from workers.client.ports.client import Client
from workers.client.ports.findings import FindingFilter
from workers.client.ports.pages import PageOf
from workers.client.ports.runs import RunFilter, StartRun


async def _all(client: Client, which: RunFilter, limit: int) -> list[str]:
    found, page = [], PageOf(limit=limit)
    while True:
        part = await client.runs.list(which, page)
        assert len(part.items) <= limit
        found += [row.id for row in part.items]
        if not part.next:
            return found
        page = replace(page, after=part.next)


async def _filters(client: Client) -> list[RunFilter]:
    """Some that fit some of its runs."""
    (one, *_) = (await client.runs.list(RunFilter(), PageOf(limit=1))).items
    by_row = [RunFilter(pipeline=one.pipeline), RunFilter(status=one.status), RunFilter(branch=one.branch)]
    return [RunFilter(), *by_row, RunFilter(text=one.id.upper()), RunFilter(text=one.commit[:12])]


async def test_pages_have_every_run_once_newest_first(reading: Client) -> None:
    for which in await _filters(reading):
        in_small_pages, in_large_ones = await _all(reading, which, 7), await _all(reading, which, 200)
        assert in_small_pages == in_large_ones
        assert in_small_pages
        assert len(set(in_small_pages)) == len(in_small_pages)


async def test_a_filter_leaves_out_what_does_not_fit(reading: Client) -> None:
    whole = (await reading.runs.list(RunFilter(), PageOf(limit=200))).items
    for which in await _filters(reading):
        found = (await reading.runs.list(which, PageOf(limit=200))).items
        fits = {
            row.id
            for row in whole
            if which.pipeline in ("", row.pipeline)
            and which.status in ("", row.status)
            and which.branch in ("", row.branch)
            and any(
                which.text.lower() in text.lower() for text in (row.id, row.commit, row.branch, row.author, row.message)
            )
        }
        assert {row.id for row in found} == fits


async def test_a_run_of_a_list_can_be_shown_with_its_attempts(reading: Client) -> None:
    (row, *_) = (await reading.runs.list(RunFilter(), PageOf(limit=1))).items
    found = await reading.runs.show(row.id.removeprefix("run/"))
    assert found.row == row
    assert row.id in found.attempts
    assert found.jobs


async def test_pipelines_and_environments_come_by_name_each_once(reading: Client) -> None:
    for ask in (reading.runs.pipelines, reading.releases.environments):
        whole = [one.name for one in (await ask(PageOf(limit=200))).items]
        first = await ask(PageOf(limit=1))
        rest = await ask(PageOf(limit=200, after=first.next))
        assert [one.name for one in (*first.items, *rest.items)] == whole == sorted(whole)
        assert len(whole) > 1


async def test_releases_are_listed_newest_first_and_shown(reading: Client) -> None:
    listed = (await reading.releases.list("", "", PageOf(limit=200))).items
    assert [row.started_at for row in listed] == sorted((row.started_at for row in listed), reverse=True)
    ended = next(row for row in listed if row.verdict)
    assert (await reading.releases.show(ended.id)).row == ended
    of_one = (await reading.releases.list(ended.service, ended.environment, PageOf())).items
    assert {(row.service, row.environment) for row in of_one} == {(ended.service, ended.environment)}


async def test_what_is_live_is_what_the_environments_say(reading: Client) -> None:
    live = (await reading.releases.live("", "", PageOf(limit=200))).items
    places = [(row.environment, row.service) for row in live]
    assert places == sorted(places)
    for environment in (await reading.releases.environments(PageOf())).items:
        alone = await reading.releases.environment(environment.name)
        assert alone.services == len([row for row in live if row.environment == environment.name])
        assert {row.service for row in alone.live} <= {row.service for row in live}


async def test_what_is_not_there_has_its_code(reading: Client) -> None:
    for name in ("web-shop/999", "nothing", "web-shop/1.99"):
        with pytest.raises(SluicewayError) as unknown:
            await reading.runs.show(name)
        assert unknown.value.code == "SLW911"
    with pytest.raises(SluicewayError) as nowhere:
        await reading.releases.environment("nowhere")
    assert nowhere.value.code == "SLW907"
    with pytest.raises(SluicewayError) as no_release:
        await reading.releases.show("release/web/nowhere/1")
    assert no_release.value.code == "SLW907"


async def test_a_run_without_scans_has_no_findings(reading: Client) -> None:
    (row, *_) = (await reading.runs.list(RunFilter(), PageOf(limit=200))).items[-1:]
    assert (await reading.findings.of_run(row.id, FindingFilter(), PageOf())).items == ()


@pytest.mark.parametrize("limit", [0, -1, 201])
async def test_no_list_is_without_a_limit(reading: Client, limit: int) -> None:
    with pytest.raises(SluicewayError) as refused:
        await reading.runs.list(RunFilter(), PageOf(limit=limit))
    assert refused.value.code == "SLW479"


async def test_a_page_fits_only_the_list_that_it_was_made_for(reading: Client) -> None:
    first = await reading.runs.list(RunFilter(), PageOf(limit=2))
    for which, after in ((RunFilter(status="failed"), first.next), (RunFilter(), "x" * 5_000), (RunFilter(), "e30=")):
        with pytest.raises(SluicewayError) as refused:
            await reading.runs.list(which, PageOf(after=after))
        assert refused.value.code == "SLW479"


async def test_a_run_is_started_once_for_a_key(client: Client) -> None:
    first = await client.runs.start(StartRun(pipeline="web-shop"), "key")
    assert await client.runs.start(StartRun(pipeline="web-shop"), "key") == first
    assert await client.runs.start(StartRun(pipeline="web-shop"), "other") != first
    with pytest.raises(RefusedError):
        await client.runs.start(StartRun(pipeline="billing"), "key")


async def test_whoever_may_not_read_gets_nothing_and_a_rule() -> None:
    guard = OpenGuard(refused=frozenset({Action.RUNS_READ}))
    client = memory_client(seeded(), guard)
    with pytest.raises(RefusedError) as refused:
        await client.runs.show("web-shop/1")
    assert (refused.value.code, refused.value.why) == ("SLW410", "default/deny")
