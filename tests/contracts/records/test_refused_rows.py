"""A row that no database takes is shown as unreadable, and holds up no other, on SQLite and PostgreSQL."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from domain.inventory.model import MOST_NAME, EventRow, Health, ObjectRow
from domain.inventory.rows import UNREADABLE
from workers.core.records import Records

POD = ObjectRow(cluster="eu", kind="Pod", namespace="shop", name="web", status="Running", cpu_m=100)
ODD = replace(POD, name="odd", details={"at": {1, 2}})
"""Of no type that JSON knows: as good as any that a database refuses."""
LONGEST = "".join(map(chr, random.Random(1).choices(range(0x1F300, 0x1FAF0), k=9 * MOST_NAME)))
"""Four bytes a character, and nothing to compress: no key of an index of PostgreSQL."""
LONG = LONGEST[:MOST_NAME]
"""Too long for an index where there are several of it."""


def rows(records: Records) -> dict[str, tuple[str, str]]:
    """Status and reason by name."""
    found = records.database.rows("select name, status, reason from inventory_objects")
    return {str(row["name"]): (str(row["status"]), str(row["reason"])) for row in found}


@pytest.mark.parametrize("at", [0, 3, 6])
def test_a_row_that_is_refused_is_unreadable_with_its_reason_and_all_others_are_written(
    records: Records, at: int
) -> None:
    others = [replace(POD, name=f"web-{number}") for number in range(6)]
    records.inventory.apply("eu", [POD])
    records.inventory.apply("eu", [*others[:at], ODD, *others[at:]], [("Pod", "shop", "web")])
    found = rows(records)
    assert found.pop("odd") == (
        UNREADABLE,
        "the records do not take it: Object of type set is not JSON serializable",
    )
    assert found == {one.name: ("Running", "") for one in others}
    (counted,) = records.database.rows("select cast(sum(number) as bigint) as number from inventory_totals")
    assert counted["number"] == 7


def test_it_is_shown_again_once_it_can_be_kept(records: Records) -> None:
    records.inventory.apply("eu", [ODD])
    records.inventory.apply("eu", [replace(ODD, details={})])
    assert rows(records) == {"odd": ("Running", "")}
    records.inventory.apply("eu", [ODD], [("Pod", "shop", "odd")])
    records.inventory.apply("eu", [], [("Pod", "shop", "odd")])
    assert rows(records) == {}


def test_names_that_are_too_long_for_an_index_are_no_reason_to_wait_for_the_database(records: Records) -> None:
    large = replace(POD, name=LONG, environment=LONG, service=LONG, health=Health.DEGRADED)
    records.inventory.apply("eu", [POD, large, replace(large, namespace=LONG)])
    found = rows(records)
    assert found["web"] == ("Running", "")
    assert found[LONG][0] == ("Running" if records.database.is_sqlite else UNREADABLE)


def test_an_event_that_is_refused_is_left_out(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records.inventory, "_clock", lambda: 100.0)
    event = EventRow(cluster="eu", uid="a", last_at=5.0)
    records.inventory.warn("eu", [event, replace(event, uid=LONGEST), replace(event, uid="b")])
    found = {str(row["uid"]) for row in records.database.rows("select uid from inventory_events")}
    assert found == {"a", "b", *([LONGEST] if records.database.is_sqlite else [])}
