"""Whose a run is, and how far it is trusted: as its record says, whoever asks about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, column, select, table

from activities.storage.database import Database

_RUNS = table("pipeline_runs", column("id"), column("owner"), column("integrity"))
_STANDING = select(_RUNS).where(_RUNS.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Standing:
    """Of one run."""

    owner: str
    """Id of the principal that started it; empty: nobody's."""
    integrity: int


def standings(database: Database, runs: Iterable[str]) -> dict[str, Standing]:
    """By the run's id; what is not recorded is not among them."""
    with database.read() as connection:
        found = connection.execute(_STANDING, {"ids": sorted(runs)}).mappings().all()
    return {row["id"]: Standing(row["owner"], row["integrity"]) for row in found}
