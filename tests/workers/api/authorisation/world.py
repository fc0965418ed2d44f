"""A home with something of one's own project, of another one, and something secret; and whoever asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from sqlalchemy import insert

from activities.access.identity_store import Identity
from activities.kubernetes.kubeconfigs import AddressBook
from activities.releases.release_store import LIVE
from domain.access.grants import Grant, GrantKind
from domain.access.labels import Label
from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind, Scope
from domain.access.role import Role
from domain.approvals.opening import Opening
from domain.approvals.spec import ApprovalSpec
from domain.clusters.access import Access
from domain.clusters.requests import ClusterRequest, RequestKind
from domain.inventory.model import EventRow, Health, ObjectRow, WatchRow
from tests.support.far import ORIGIN, Still
from tests.support.recorded import a_run
from workers.api.app import create_app
from workers.api.handlers import handlers
from workers.api.parts import Parts
from workers.client.on_engine.parts import EngineParts
from workers.client.wiring import Clients, clients_of
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.known_findings import open_findings
from workers.worker.local_wiring import open_objects

PLACES = ("own", "other", "vault")
"""Names of a pipeline and an environment in the asker's project, in another one, and above everybody's clearance."""
ACTORS: dict[str, tuple[Role, str] | None] = {
    "anonymous": None,
    "stranger": None,
    "viewer": (Role.VIEWER, "project:default"),
    "developer": (Role.DEVELOPER, "project:default"),
    "operator": (Role.OPERATOR, "project:default"),
    "approver": (Role.APPROVER, "project:default"),
    "admin": (Role.ADMIN, "engine:engine"),
    "secadmin": (Role.SECURITY_ADMIN, "engine:engine"),
    "token": None,
}
SCOPE = Scope(actions=frozenset({"runs:read", "runs:cancel", "logs:read"}), resources=frozenset({"pipeline:own"}))
SET = '@id("pbac/none") forbid (principal, action, resource) when { context.hour > 24 };'


class Named:
    """An authenticator that believes a header: of these tests alone."""

    async def caller(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
        return caller(connection.headers["X-Actor"])


@dataclass(frozen=True)
class World:
    """The home, and its server: the header `X-Actor` says who asks."""

    records: Records
    app: Litestar
    clients: Clients

    def policies(self) -> str:
        """The name of a new set."""
        name = f"set-{len(self.records.rights.policies.every())}"
        with self.records.database.write() as connection:
            self.records.rights.policies.draft(connection, name, SET.replace("none", name), "person:kim", 1.0)
        return name

    def grant(self, place: str) -> str:
        """The id of a new one: a request that revokes it finds it."""
        wanted = _grant("person:nobody", Role.VIEWER, f"pipeline:{place}")
        with self.records.database.write() as connection:
            return str(self.records.rights.grants.add(connection, wanted).id)


@contextmanager
def world(folder: Path) -> Iterator[World]:
    settings = Settings(folder, folder / "tools")
    records = Records.at(settings.records)
    _seed(records)
    for place in PLACES:  # known, and nothing answers there
        AddressBook(settings.addresses).remember(place, Access("file:/nowhere/kubeconfig"))
    parts = EngineParts(
        settings,
        records.database,
        lambda: open_objects(settings),
        lambda of: open_findings(settings, of),
        opened=records,
    )
    clients = clients_of(parts)
    made = Parts(clients=clients.client, authenticator=Named(), changes=Still(), origin=ORIGIN, guards=clients.guard)
    yield World(records, create_app(made, handlers()), clients)
    records.close()


def caller(name: str) -> Caller:
    """Each with a second factor of this moment: it is asked for elsewhere."""
    now = time.time()
    if name == "anonymous":
        return Caller(principal=ANONYMOUS, channel="api")
    person = Principal(kind=PrincipalKind.PERSON, name="developer" if name == "token" else name)
    if name != "token":
        return Caller(principal=person, channel="api", authenticated_at=now, second_factor_at=now)
    token = Principal(kind=PrincipalKind.TOKEN, name="t1")
    return Caller(principal=token, channel="api", on_behalf_of=person.id, rights_of=person, scope=SCOPE)


def _seed(records: Records) -> None:
    rights, now = records.rights, time.time()
    for name in (*ACTORS, "nobody"):
        records.identities.save(Identity(name, "k"))
    for place in PLACES:
        records.runs.start(a_run(f"run/{place}/1"))
        records.releases.start(f"release/svc/{place}/1", "svc", place, 1, f"run/{place}/1")
        opening = Opening(
            run=f"run/{place}/1", job="ask", pipeline=place, environment=place, spec=ApprovalSpec(), at=now
        )
        live = {"environment": place, "service": "svc", "version": "1", "release": f"release/svc/{place}/1"}
        records.database.execute(insert(LIVE), {**live, "number": 1, "since": now})
        _add_cluster(records, place, now)
        records.approvals.open(f"approval/{place}/1/ask", opening, now + 3_600)
        wanted = ClusterRequest(place, "a", RequestKind.QUOTA, values={"cpu": 1.0}, reason="r", requester="nobody")
        records.requests.ask(wanted, now)
    with records.database.write() as connection:
        for actor, held in ACTORS.items():
            if held:
                rights.grants.add(connection, _grant(f"person:{actor}", *held))
        for kind in ("pipeline", "environment", "cluster"):
            rights.projects.move(connection, f"{kind}:other", "other")
            rights.labels.set(connection, f"{kind}:vault", Label(level=2), "person:a", "person:b", now)
        rights.policies.draft(connection, "none", SET, "person:secadmin", now)


def _add_cluster(records: Records, place: str, now: float) -> None:
    """One that is named as the place, with something of each kind that lists show."""
    of: dict[str, Any] = {"cluster": place, "health": Health.DEGRADED, "reason": "broken"}
    rows = [
        ObjectRow(kind="Namespace", name=place, **of),
        ObjectRow(kind="Namespace", name="a", **of),
        ObjectRow(kind="Deployment", namespace="1", name="wrk", service=place, environment="e", **of),
        ObjectRow(kind="Pod", namespace="a", name=place, **of),
    ]
    records.inventory.heard(WatchRow(cluster=place, heard_at=now + 3_600, synced_at=now))
    records.inventory.apply(place, rows)
    records.inventory.warn(place, [EventRow(cluster=place, uid="e", last_at=now)])


def _grant(principal: str, role: Role, resource: str) -> Grant:
    return Grant(id=0, kind=GrantKind.ROLE, principal=principal, role=role, resource=resource)
