"""Reads recorded releases. Imports little, for commands that list them."""

from __future__ import annotations

from activities.storage.schema import Rows
from domain.core.documents import Node
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

    def of_environment(self, environment: str, limit: int) -> list[ReleaseRecord]:
        """The latest ones of all services, newest first."""
        which = "where environment = :environment order by number desc limit :limit"
        return self._read(which, environment=environment, limit=limit)

    def last_number(self, environment: str, cluster: str = "") -> int:
        """The highest recorded number of an environment, or of its part in one cluster; 0: none."""
        query = "select max(number) as last from releases where environment = :environment and cluster = :cluster"
        return Node(self._database.rows(query, environment=environment, cluster=cluster)[0])["last"].whole()

    def of_run(self, run: str) -> list[ReleaseRecord]:
        """Oldest first."""
        return self._read("where run = :run order by started_at", run=run)

    def _read(self, which: str, **values: str | float) -> list[ReleaseRecord]:
        return [
            ReleaseRecord(
                id=row.need_text("id"),
                service=row.need_text("service"),
                environment=row.need_text("environment"),
                number=row.need_whole("number"),
                run=row.need_text("run"),
                started_at=row.need_number("started_at"),
                ended_at=row["ended_at"].number_or_none(),
                result=row.need_text("result"),
            )
            for row in map(Node, self._database.rows(f"select * from releases {which}", **values))  # noqa: S608
        ]
