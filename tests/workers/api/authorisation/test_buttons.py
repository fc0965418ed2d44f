"""What a button says is what the call then answers: for everybody, every place, and every action."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from activities.releases.release_lists import ReleaseLists
from activities.runs.run_lists import RunLists
from domain.access.actions import Action
from domain.access.resource import Resource
from tests.support.profile import first_of
from tests.support.recorded import a_run
from tests.workers.api.authorisation.world import ACTORS, PLACES, World, caller, world
from workers.client.on_engine.releases import release_rows
from workers.client.on_engine.runs import run_rows
from workers.console.pages import rights

RUNS = tuple(product(PLACES, ("", "person:developer", "person:stranger"), (0, 1)))
"""Place, owner and integrity."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("buttons")) as found:
        for number, (place, owner, integrity) in enumerate(RUNS, 2):
            start = replace(a_run(f"run/{place}/{number}"), owner=owner, integrity=integrity)
            found.records.runs.start(start)
        yield found


def pairs(made: World) -> list[tuple[Resource, Resource]]:
    """What a page asks about, and what the call decides about."""
    ids = [f"run/{place}/{number}" for number, (place, _, _) in enumerate(RUNS, 2)]
    runs = RunLists(made.records.database).named(ids)
    found = [(rights.of_run(id_, runs[id_]["pipeline"]), run_rows.resource_of(runs[id_])) for id_ in ids]
    found += [(rights.of_pipeline(place), run_rows.pipeline_resource(place)) for place in PLACES]
    for place in PLACES:
        known = ReleaseLists(made.records.database).release(f"release/svc/{place}/1")
        assert known is not None
        release = known[0]
        found.append((rights.of_release(release["id"], place), release_rows.resource_of(release)))
    return found


@pytest.mark.parametrize("actor", first_of("developer", *sorted(set(ACTORS) - {"anonymous", "developer"})))
async def test_a_button_says_what_the_call_then_answers(made: World, actor: str) -> None:
    client, guard = await made.clients.client(caller(actor)), made.clients.guard(caller(actor))
    asked = [(action, shown, real) for shown, real in pairs(made) for action in Action]
    told = await client.access.can_each([(action, shown) for action, shown, _ in asked])
    then = guard.verdicts([(action, real) for action, _, real in asked])
    wrong = [
        (one, now.rule, later.rule)
        for one, now, later in zip(asked, told, then, strict=True)
        if (now.allowed, now.rule) != (later.allowed, later.rule)
    ]
    assert wrong == []


async def test_an_owner_and_a_run_of_a_fork_make_a_difference(made: World) -> None:
    """Else the comparison above would compare nothing."""
    client = await made.clients.client(caller("stranger"))
    about = [rights.of_run(f"run/{place}/{number}", place) for number, (place, _, _) in enumerate(RUNS, 2)]
    said = await client.access.can_each([(Action.RUNS_READ, one) for one in about])
    assert {one.allowed for one in said} == {True, False}
