"""Texts are compared by their bytes, whatever language a server of PostgreSQL sorts by: ranges and pages depend on it."""

from __future__ import annotations

from pathlib import Path

import psycopg

from activities.access.grant_store import GRANTS
from workers.core.records import Records

NAMES = ["B", "Z", "a", "a-b", "a.b", "a:b", "a;b", "ab", "á", "\U0010ffff"]
ROW: dict[str, str | int] = {
    "kind": "role",
    "role": "viewer",
    "given_by": "",
    "at": 1,
    "until": 0,
    "revoked_at": 0,
    "revoked_by": "",
}


def test_names_are_sorted_and_compared_by_their_bytes(records: Records) -> None:
    rows: list[dict[str, str | int]] = [
        {**ROW, "principal": "person:kim", "resource": name} for name in reversed(NAMES)
    ]
    records.database.execute(GRANTS.insert(), rows)
    every = records.database.rows("select resource from grants order by resource")
    between = records.database.rows("select resource from grants where resource >= 'a:' and resource < 'a;'")
    assert ([row["resource"] for row in every], [row["resource"] for row in between]) == (NAMES, ["a:b"])


def test_no_column_of_a_text_is_left_out(records: Records) -> None:
    if not records.database.is_sqlite:
        texts = "from information_schema.columns where table_schema = current_schema() and data_type = 'text'"
        found = records.database.rows(f"select distinct collation_name as name {texts}")
        assert [row["name"] for row in found] == ["C"]


def test_views_and_tables_of_others_stay_as_they_are(place: Path | str) -> None:
    if not isinstance(place, str):
        return
    with psycopg.connect(place.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("create table visits (page text)")
        connection.execute("create view pages as select page from visits")  # as extensions have theirs
        Records.at(place).close()
        of = "from information_schema.columns where table_schema = current_schema() and table_name in ('visits', 'pages')"
        assert connection.execute(f"select distinct collation_name {of}").fetchall() == [(None,)]
