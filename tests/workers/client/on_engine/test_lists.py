"""A page of a list has what may be read, in order, once; and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.runs import run_lists
from domain.access.resource import Resource, ResourceKind
from tests.support import seeded_home
from tests.support.guards import OpenGuard
from workers.client.on_engine.lists import page_of
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.releases.releases import EngineReleases
from workers.client.on_engine.runs.runs import EngineRuns
from workers.client.paging import Key
from workers.client.ports.pages import PageOf
from workers.client.ports.releases import LiveRow
from workers.client.ports.runs import RunFilter

SMALL = seeded_home.Size(runs=60, services=6, environments=4, jobs=2)


@dataclass
class Inexact:
    """Its condition lets everything through."""

    may: frozenset[int]
    everything = exact = False

    def where(self, columns: object) -> tuple[str, dict[str, str | int | float]]:
        return "1 = 1", {}

    def keep(self, resources: Sequence[Resource]) -> tuple[bool, ...]:
        return tuple(int(one.name) in self.may for one in resources)


@given(st.frozensets(st.integers(0, 900)), st.integers(1, 7))
def test_pages_that_are_decided_row_by_row_have_each_readable_row_once(may: frozenset[int], limit: int) -> None:
    rows, seen, after = range(0, 901, 3), list[int](), None

    def look(key: Key | None, most: int) -> Sequence[int]:
        return [row for row in rows if key is None or row > int(key[0])][:most]

    def about(row: int) -> Resource:
        return Resource(kind=ResourceKind.RUN, name=str(row))

    while True:
        found, after = page_of(Inexact(may), look, lambda row: (row,), about, after, limit)
        assert len(found) <= limit
        seen += found
        if after is None:
            break
    assert seen == [row for row in rows if row in may]


@pytest.fixture
def seeded(parts: EngineParts) -> EngineParts:
    seeded_home.fill(parts.records, SMALL)
    return parts


async def _ids(runs: EngineRuns, which: RunFilter, limit: int) -> list[str]:
    found, page = list[str](), PageOf(limit=limit)
    while True:
        part = await runs.list(which, page)
        found += [row.id for row in part.items]
        if not part.next:
            return found
        page = replace(page, after=part.next)


@pytest.mark.parametrize(
    ("which", "count"),
    [
        (RunFilter(), 60),
        (RunFilter(pipeline="service-00003"), 10),
        (RunFilter(status="failed"), 7),
        (RunFilter(branch="main"), 45),
        (RunFilter(text="ANN KIM"), 20),
        (RunFilter(text="김하나"), 20),
        (RunFilter(text="%"), 0),
        (RunFilter(text="_____"), 0),
        (RunFilter(text="' or 1=1 --"), 0),
        (RunFilter(status="failed", pipeline="service-00004", text="change 4 "), 1),
    ],
)
async def test_a_filter_finds_exactly_its_runs_on_pages_of_any_size(
    seeded: EngineParts, guard: OpenGuard, which: RunFilter, count: int
) -> None:
    runs = EngineRuns(seeded, guard)
    in_small_pages = await _ids(runs, which, 7)
    assert in_small_pages == await _ids(runs, which, 200)
    assert len(set(in_small_pages)) == len(in_small_pages) == count


async def test_a_search_goes_on_page_by_page_to_the_oldest_run(
    seeded: EngineParts, guard: OpenGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_lists, "LOOKED_AT", 7)
    runs = EngineRuns(seeded, guard)
    first = await runs.list(RunFilter(text="change 0 "), PageOf())
    assert (first.items, bool(first.next)) == ((), True)
    assert await _ids(runs, RunFilter(text="change 0 "), 5) == ["run/service-00000/1"]
    assert len(await _ids(runs, RunFilter(text="ann kim"), 2)) == 20


async def test_what_is_named_is_found_at_once_however_old(
    seeded: EngineParts, guard: OpenGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_lists, "LOOKED_AT", 7)
    runs = EngineRuns(seeded, guard)
    oldest = (await runs.show("run/service-00000/1")).row
    for text in ("service-00000/1", oldest.commit[:9]):
        assert [row.id for row in (await runs.list(RunFilter(text=text), PageOf())).items] == [oldest.id]
    assert (await runs.list(RunFilter(text=oldest.commit, status="failed"), PageOf())).items == ()


async def test_runs_of_others_are_in_no_list(seeded: EngineParts) -> None:
    runs = EngineRuns(seeded, OpenGuard(readable_names=("service-00001", "service-00002")))
    listed, pipelines = await runs.list(RunFilter(), PageOf(limit=200)), await runs.pipelines(PageOf())
    assert {row.pipeline for row in listed.items} == {"service-00001", "service-00002"}
    assert [(row.name, row.runs) for row in pipelines.items] == [("service-00001", 10), ("service-00002", 10)]
    assert all(row.last is not None and row.last.pipeline == row.name for row in pipelines.items)


async def test_environments_say_how_much_is_live_and_show_what_changed_last(
    seeded: EngineParts, guard: OpenGuard
) -> None:
    releases = EngineReleases(seeded, guard)
    environments = (await releases.environments(PageOf())).items
    assert [one.name for one in environments] == [f"env-{number:02}" for number in range(4)]
    assert {one.services for one in environments} == {6}
    assert [row.service for row in environments[0].live] == [f"service-{number:05}" for number in range(5)]
    assert len((await releases.environment("env-00")).live) == 6


async def test_what_is_live_is_listed_by_place_with_the_commit_that_brought_it(
    seeded: EngineParts, guard: OpenGuard
) -> None:
    releases = EngineReleases(seeded, guard)
    seen, page = list[LiveRow](), PageOf(limit=5)
    while True:
        part = await releases.live("", "service-00000", page)
        seen += part.items
        if not part.next:
            break
        page = replace(page, after=part.next)
    assert [row.environment for row in seen] == [f"env-{number:02}" for number in range(4)]
    (first,) = (await releases.live("env-00", "service-00000", PageOf())).items
    assert len(first.commit) == 40
    assert first.by == "Ann Kim <ann@example.com>"
