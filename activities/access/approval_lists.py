"""Lists of open requests."""

from __future__ import annotations

from dataclasses import dataclass

from activities.core import serialization as serial
from activities.storage.condition import Condition
from activities.storage.schema import Rows
from domain.approvals.opening import Opening
from domain.approvals.request import ChangeAuthors
from domain.core.documents import Node, Object

APPROVAL_COLUMNS = {"name": "run", "pipeline": "pipeline", "environment": "environment"}
"""Attributes of the run that asks, as a resource, to columns of the list."""
OF_CLUSTER = {"name": "cluster", "cluster": "cluster"}
"""The same of the cluster that a request is asked of."""
_LISTED = "id, opening, people, opened_at, expires_at, outcome, closed_at"
_ENDED = (
    " not exists (select 1 from cluster_requests q where q.id = approvals.run and q.status <> 'waiting') and"
    " not exists (select 1 from pipeline_runs r where r.id = approvals.run and r.ended_at is not null)"
    " and not exists (select 1 from releases l where l.id = approvals.run and l.ended_at is not null)"
    " and not exists (select 1 from jobs j where j.run = approvals.run and j.ended_at is not null"
    " and approvals.id = 'approval/' || substr(approvals.run, 5) || '/' || j.job"
    " || case when j.attempt > 1 then '/' || cast(j.attempt as varchar(12)) else '' end)"
)
"""A run that ended, or a job that ended otherwise than by a page, closes what it asked; nobody has to say so."""


@dataclass(frozen=True, kw_only=True)
class ListedApproval:
    """One request."""

    id: str
    opening: Opening
    people: ChangeAuthors | None
    """None: they are not read yet."""
    expires_at: float
    outcome: str
    closed: bool


class ApprovalLists:
    """Works on any `Rows`."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def open(self, now: float, after: tuple[float, str] | None, limit: int, may: Condition) -> list[ListedApproval]:
        """Oldest first, from the one after `after` on; `may`: which of them can be read."""
        where, values = [may.sql, "closed_at is null", "expires_at > :now", _ENDED], dict(may.values)
        if after:
            where.append("(opened_at, id) > (:after_at, :after_id)")
            values |= {"after_at": after[0], "after_id": after[1]}
        query = f"select {_LISTED} from approvals where {' and '.join(where)}"  # noqa: S608  (texts of this file)
        rows = self._database.rows(f"{query} order by opened_at, id limit :most", **values, now=now, most=limit)
        return [_listed(row) for row in rows]

    def get(self, id_: str) -> ListedApproval | None:
        """None: it was never listed."""
        query = f"select {_LISTED} from approvals where id = :id"  # noqa: S608
        return next((_listed(row) for row in self._database.rows(query, id=id_)), None)


def _listed(row: Object) -> ListedApproval:
    said = Node(row)
    people = said["people"].text()
    return ListedApproval(
        id=said.need_text("id"),
        opening=serial.load(Opening, said.need_text("opening")),
        people=serial.load(ChangeAuthors, people) if people else None,
        expires_at=said.need_number("expires_at"),
        outcome=said.need_text("outcome"),
        closed=said["closed_at"].value is not None,
    )
