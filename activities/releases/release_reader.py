"""Reads recorded releases. Imports little, for commands that list them."""

from __future__ import annotations

from activities.storage.schema import Rows
from domain.releases.record import ReleaseRecord


class ReleaseReader:
    """Works on any `Rows`; `ReleaseStore` writes."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def all(self) -> list[ReleaseRecord]:
        """Oldest first, by environment."""
        return self._read("order by number")

    def latest(self, service: str = "", limit: int = 50) -> list[ReleaseRecord]:
        """Of one service or of all, newest first."""
        if service:
            which = "where service = :service order by started_at desc limit :limit"
            return self._read(which, service=service, limit=limit)
        return self._read("order by started_at desc limit :limit", limit=limit)

    def of_run(self, run: str) -> list[ReleaseRecord]:
        """Oldest first."""
        return self._read("where run = :run order by started_at", run=run)

    def _read(self, which: str, **values: str | float) -> list[ReleaseRecord]:
        return [
            ReleaseRecord(
                id=row["id"],
                service=row["service"],
                environment=row["environment"],
                number=row["number"],
                run=row["run"],
                started_at=row["started_at"],
                ended_at=row["ended_at"],
                result=row["result"],
            )
            for row in self._database.rows(f"select * from releases {which}", **values)  # noqa: S608
        ]
