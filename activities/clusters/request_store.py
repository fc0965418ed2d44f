"""The table of requests: what lists and pages show. What counts is in their workflows and with the signer."""

from __future__ import annotations

import json

from sqlalchemy import BigInteger, Column, Double, Index, Table, Text, UniqueConstraint, bindparam, func, select, update

from activities.clusters.port import RequestRecord
from activities.core import serialization as serial
from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database, Values
from domain.clusters import requests
from domain.clusters.requests import ClusterRequest, RequestStatus
from domain.core.documents import Node

REQUESTS = Table(
    "cluster_requests",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("cluster", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("namespace", "kind", "status", "requester", "environment")),
    *(Column(name, Text, nullable=False) for name in ("why", "request_key")),
    *(Column(name, Double, nullable=False) for name in ("asked_at", "changed_at", "until")),
    Column("body", Text, nullable=False),
    UniqueConstraint("cluster", "number"),
    Index("cluster_requests_newest", "asked_at", "id"),
    Index("cluster_requests_of", "cluster", "namespace", "asked_at"),
    Index("cluster_requests_by_key", "request_key"),
)
"""`body` is JSON: the request, the digest of what is signed, the story."""
_C = REQUESTS.c
_BY_KEY = select(_C.id).where(_C.request_key == bindparam("key"))
_LAST = select(func.coalesce(func.max(_C.number), 0)).where(_C.cluster == bindparam("of"))
_ONE = select(_C.cluster, _C.body).where(_C.id == bindparam("which"))
_TELL = (
    update(REQUESTS)
    .where(_C.id == bindparam("which"))
    .values(status=bindparam("now"), why=bindparam("because"), changed_at=bindparam("at"), body=bindparam("text"))
)
_SCOPES = select(_C.body, _C.status, _C.changed_at)


class RequestStore:
    """One row a request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, asked: ClusterRequest, at: float, key: str = "") -> str:
        """The id of a new request, numbered by its cluster. With the key of an earlier one: that one's id."""
        with self._database.write() as connection:
            known = connection.execute(_BY_KEY, {"key": key}).scalar() if key else None
            if known is not None:
                return str(known)
            number = int(connection.execute(_LAST, {"of": asked.cluster}).scalar_one()) + 1
            id_ = requests.request_id(asked.cluster, number)
            row: Values = {
                "id": id_,
                "cluster": asked.cluster,
                "number": number,
                "namespace": asked.namespace,
                "kind": str(asked.kind),
                "status": str(RequestStatus.WAITING),
                "requester": asked.requester,
                "environment": asked.environment,
                "why": "",
                "request_key": key,
                "asked_at": at,
                "changed_at": at,
                "until": float(asked.until),
                "body": json.dumps({"request": serial.dump_plain(asked)}),
            }
            connection.execute(REQUESTS.insert(), row)
            note(connection, Topic.FLEET, [asked.cluster])
        return id_

    def tell(self, told: RequestRecord) -> None:
        """How far it is. Does nothing for what is not listed."""
        with self._database.write() as connection:
            row = connection.execute(_ONE, {"which": told.id}).mappings().first()
            if row is None:
                return
            body = dict(Node(json.loads(row["body"])).object())
            body |= {"scope": told.scope} if told.scope else {}
            body["story"] = [{"at": one.at, "words": one.words} for one in told.story]
            values = {"which": told.id, "now": str(told.status), "because": told.why, "at": told.at}
            connection.execute(_TELL, {**values, "text": json.dumps(body)})
            note(connection, Topic.FLEET, [row["cluster"]])

    def documents(self) -> list[tuple[str, float]]:
        """Digests of what was signed, and when each request ended; 0: it has not."""
        found = []
        for row in self._database.select(_SCOPES):
            digest, over = Node(json.loads(row["body"]))["scope"].text(), row["status"] not in requests.OPEN
            found += [(digest, float(row["changed_at"]) if over else 0.0)] if digest else []
        return found
