"""The ticks of the parts of a whole in the database: observers of one release may be on several machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Column, Connection, Integer, Table, Text, and_, bindparam, delete, false, or_, select

from activities.storage.database import METADATA, Database, Values
from domain.core.documents import Object

SHARED_TICKS = Table(
    "shared_ticks",
    METADATA,
    Column("release", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
)
_OF = SHARED_TICKS.c
_NEWEST = select(_OF.line).where(_OF.release == bindparam("release")).order_by(_OF.place.desc()).limit(1)


class SharedTicks:
    """The lines of tick files (activities/releases/tick_file.py), by the release and their place in its file, from 0.

    They are there from the beginning of a part until the whole has ended.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._add = database.insert(SHARED_TICKS).on_conflict_do_nothing(index_elements=["release", "place"])

    def add(self, release: str, first: int, lines: Sequence[Object]) -> None:
        """Lines that follow each other. Idempotent: a place that is taken keeps its line."""
        rows: list[Values] = [
            {"release": release, "place": place, "line": json.dumps(line, separators=(",", ":"))}
            for place, line in enumerate(lines, first)
        ]
        if rows:
            self._database.execute(self._add, rows)

    def since(self, known: Mapping[str, int]) -> dict[str, list[Object]]:
        """The lines of releases from a place on, in order, up to the first that is missing."""
        which = or_(false(), *(and_(_OF.release == name, _OF.place >= place) for name, place in known.items()))
        found: dict[str, list[Object]] = {name: [] for name in known}
        for row in self._database.select(select(SHARED_TICKS).where(which).order_by(_OF.release, _OF.place)):
            of = found[row["release"]]
            if row["place"] == known[row["release"]] + len(of):
                of.append(json.loads(row["line"]))
        return found

    def last(self, release: str) -> bytes:
        """The newest line of a release; empty: there is none."""
        rows = self._database.select(_NEWEST, release=release)
        return str(rows[0]["line"]).encode() if rows else b""


def drop(connection: Connection, releases: Sequence[str]) -> None:
    """They have ended, and so has their whole."""
    if releases:
        connection.execute(delete(SHARED_TICKS).where(_OF.release.in_(releases)))
