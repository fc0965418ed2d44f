"""Lists of requests, and what the inventory knows of a namespace that one is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from activities.core import serialization as serial
from activities.storage.condition import Condition
from activities.storage.schema import Rows
from domain.clusters.requests import ClusterRequest
from domain.core.documents import Node, Object

REQUEST_COLUMNS = {"name": "cluster", "cluster": "cluster"}
"""Attributes of the cluster, as a resource, to columns of the list."""
FILTERS = ("cluster", "namespace", "status", "kind")
_LISTED = "id, status, why, asked_at, changed_at, body"


@dataclass(frozen=True, kw_only=True)
class ListedRequest:
    """One request. Times in seconds since the epoch."""

    id: str
    request: ClusterRequest
    status: str
    why: str
    asked_at: float
    changed_at: float
    scope: str
    story: tuple[tuple[float, str], ...]


class RequestLists:
    """Works on any `Rows`."""

    def __init__(self, database: Rows) -> None:
        self._database = database

    def page(
        self, filters: Mapping[str, str], after: tuple[float, str] | None, limit: int, may: Condition
    ) -> list[ListedRequest]:
        """Newest first, from the one after `after` on; `may`: which of them can be read."""
        where, values = [may.sql], dict(may.values)
        for name in FILTERS:
            if filters.get(name):
                where.append(f"{name} = :f_{name}")
                values[f"f_{name}"] = filters[name]
        if after:
            where.append("(asked_at, id) < (:after_at, :after_id)")
            values |= {"after_at": after[0], "after_id": after[1]}
        query = f"select {_LISTED} from cluster_requests where {' and '.join(where)}"  # noqa: S608  (texts of this file)
        found = self._database.rows(f"{query} order by asked_at desc, id desc limit :most", **values, most=limit)
        return [_listed(row) for row in found]

    def get(self, id_: str) -> ListedRequest | None:
        """None: there is none."""
        query = f"select {_LISTED} from cluster_requests where id = :id"  # noqa: S608
        return next((_listed(row) for row in self._database.rows(query, id=id_)), None)


def _listed(row: Object) -> ListedRequest:
    said = Node(row)
    body = Node(json.loads(said.need_text("body")))
    return ListedRequest(
        id=said.need_text("id"),
        request=serial.load(ClusterRequest, json.dumps(body["request"].value)),
        status=said.need_text("status"),
        why=said.need_text("why"),
        asked_at=said.need_number("asked_at"),
        changed_at=said.need_number("changed_at"),
        scope=body["scope"].text(),
        story=tuple((one["at"].number(), one["words"].text()) for one in body["story"]),
    )
