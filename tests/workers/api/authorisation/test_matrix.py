"""What everybody may do is the committed table: a route without a row fails, and so does a letter that changed.

`python -m tests.workers.api.authorisation.test_matrix` writes it again; each changed letter is looked at before.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.far import http
from tests.support.profile import first_of
from tests.workers.api.authorisation import asking
from tests.workers.api.authorisation.world import ACTORS, PLACES, World, world

TABLE = Path(__file__).with_name("authorisation_matrix.txt")
OTHERS = Path(__file__).with_name("not_by_rights.txt")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("matrix")) as found:
        yield found


def committed() -> dict[str, list[str]]:
    lines = TABLE.read_text().splitlines()[1:] if TABLE.exists() else []
    return {" ".join(line.split()[:2]): line.split()[2:] for line in lines}


def test_every_route_has_a_row_or_says_that_rights_do_not_decide(made: World):
    by_rights, others = asking.routes(made.app)
    assert [one.name for one in by_rights] == list(committed())
    assert [one.name for one in others] == OTHERS.read_text().splitlines()


async def holds(made: World, name: str) -> None:
    by_rights, _ = asking.routes(made.app)
    route = next(one for one in by_rights if one.name == name)
    assert dict(zip(ACTORS, committed()[name], strict=True)) == await asking.row(route, made)


@pytest.mark.parametrize("name", list(committed())[::16])
async def test_some_of_the_routes_do_what_the_table_says(made: World, name: str):
    await holds(made, name)


@pytest.mark.system
@pytest.mark.parametrize("name", committed())
async def test_every_route_does_for_everybody_what_the_table_says(made: World, name: str):
    await holds(made, name)


@pytest.mark.parametrize("every", first_of(16, 1))
async def test_who_may_not_read_something_gets_the_answer_for_nothing(made: World, every: int):
    by_rights, _ = asking.routes(made.app)
    of_one = [one for one in by_rights if one.has_place and not one.is_list]
    runs = next(one for one in by_rights if one.name == "GET /api/v1/runs")
    for actor in set(ACTORS) - {"anonymous", "token"}:
        async with http(made.app) as client:
            client.headers["X-Actor"] = actor
            listed = await asking.answer(client, runs, "own", made)
            for route in of_one[::every]:
                if "/grants/" in route.path and actor in ("admin", "secadmin"):
                    continue  # who may read the rights of everything
                nothing = asking.plain(await asking.answer(client, route, "absent", made), "absent")
                for place in (one for one in PLACES if asking.seen(listed, one) == "."):
                    hidden = asking.plain(await asking.answer(client, route, place, made), place)
                    assert nothing[0] == 503 or hidden == nothing, (actor, place, route.name)


def test_nobody_who_is_not_logged_in_gets_anything():
    assert {cells[0].strip("a") for cells in committed().values()} == {""}


def test_a_token_gets_no_more_than_its_owner():
    places = list(ACTORS)
    token, owner = places.index("token"), places.index("developer")
    for name, cells in committed().items():
        for mine, theirs in zip(cells[token], cells[owner], strict=True):
            assert mine in ("n", ".", "0", "c", theirs), name


async def _written() -> None:
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as found:
        by_rights, others = asking.routes(found.app)
        rows = {one.name: await asking.row(one, found) for one in by_rights}
    TABLE.write_text(asking.table(rows))
    OTHERS.write_text("".join(f"{one.name}\n" for one in others))


if __name__ == "__main__":
    asyncio.run(_written())
