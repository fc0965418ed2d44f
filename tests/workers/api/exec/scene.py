"""A server with real rights, records and sockets before a cluster that echoes; people log in by a header."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar.connection import ASGIConnection

from activities.access.decider import Decider
from activities.access.identity_store import Identity
from activities.access.rights import Rights
from activities.authority.entering import entered
from activities.authority.port import Entering
from activities.kubernetes.kubeconfigs import AddressBook
from activities.pods.cluster_terminals import ClusterTerminals
from domain.access.audit import AuditEntry, AuditKind, entry_of
from domain.access.entrance import Entrance, local_url
from domain.access.grants import Grant, GrantKind
from domain.access.principal import ANONYMOUS, Caller
from domain.access.role import Role
from domain.access.session import Session, Way
from domain.authority.rights import of_grant
from domain.core.documents import Node
from domain.pods.exec_session import ExecTarget
from tests.support.exec_server import ExecServer, exec_server
from tests.support.one_app import app_of
from tests.workers.console.site import NoChanges
from workers.api import main
from workers.api.handlers import handlers
from workers.api.options import Options
from workers.api.parts import Parts
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.terminals.exec_opening import ExecGround
from workers.client.ports.client import Client
from workers.client.wiring import Clients
from workers.core.records import Records
from workers.core.settings import Settings
from workers.remote.client import client_of, http_of
from workers.remote.connection import Connection
from workers.signer.rights import RunRights
from workers.worker.local_wiring import open_objects

TARGET = ExecTarget(cluster="edge", namespace="default", pod="web", container="main")
EVERY_S = 0.05


@dataclass
class Signer:
    """The rights of the signer, without its log."""

    rights: RunRights
    asked: int = 0

    def enter(self, said: Entering) -> int:
        self.asked += 1
        entered(self.rights.verdict, vars(said), by_hand=False)
        return self.asked


@dataclass
class Named:
    """Believes the bearer: a name, with the login of that name, while there is one."""

    records: Records

    async def caller(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
        name = connection.headers.get("authorization", "").removeprefix("Bearer ")
        found = self.records.sessions.by_id(f"login-{name}")
        known = self.records.people.get(found.person) if found else None
        if found is None or known is None:
            return Caller(principal=ANONYMOUS)
        person = known.principal()
        address = connection.client.host if connection.client else ""
        now = time.time()
        return Caller(principal=person, session=found.id, address=address, authenticated_at=now, second_factor_at=now)


@dataclass
class Scene:
    """What tests look at."""

    url: str
    records: Records
    cluster: ExecServer
    signer: Signer
    home: Path

    def login(self, name: str, id_: str = "") -> None:
        now = time.time()
        session = Session(
            id=id_ or f"login-{name}",
            person=name,
            way=Way.PASSKEY,
            browser=True,
            began_at=now,
            seen_at=now,
            authenticated_at=now,
            second_factor_at=now,
        )
        self.records.sessions.add(f"hash of {session.id}", session)

    def grant(self, name: str, role: Role = Role.OPERATOR, kind: str = "person") -> int:
        wanted = Grant(id=0, kind=GrantKind.ROLE, principal=f"{kind}:{name}", role=role, resource="cluster:edge")
        with self.records.database.write() as connection:
            made = self.records.rights.grants.add(connection, wanted)
        topic, number, body = of_grant(made)
        self.signer.rights._known.apply(topic, number, Node(body))
        return int(made.id)

    def revoke(self, id_: int) -> None:
        with self.records.database.write() as connection:
            self.records.rights.grants.revoke(connection, id_, "person:admin", time.time())

    def entries(self) -> list[AuditEntry]:
        """Of exec sessions."""
        every = [entry_of(one.body.encode()) for one in self.records.audit.store.entries()]
        return [one for one in every if one.event.kind is AuditKind.EXEC]

    @asynccontextmanager
    async def client(self, name: str) -> AsyncIterator[Client]:
        """Far away."""
        async with http_of(self.url, name) as http:
            yield client_of(Connection(http))


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """Ann may, Bob may look, Eve may nothing."""
    records = Records.at(folder / "records.db")
    settings = Settings(folder, folder / "tools")
    parts = EngineParts(settings, records.database, lambda: open_objects(settings), opened=records)
    clients = Clients(parts, Decider(Rights(records.database)))
    signer = Signer(RunRights(records.database, records.audit))
    addresses = AddressBook(settings.addresses)
    where = ClusterTerminals(addresses, settings.clusters)
    clients.exec_ground = ExecGround(records, where, lambda caller: signer, addresses, EVERY_S)
    link = socket.create_server(("127.0.0.1", 0))
    url = local_url(link.getsockname()[1])
    entrance = Entrance(host="127.0.0.1", port=link.getsockname()[1], url=url)
    made = Parts(
        clients=clients.client, authenticator=Named(records), changes=NoChanges(), origin=url, guards=clients.guard
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "create_app", lambda parts, _, before: app_of(parts, handlers, before))
        server = uvicorn.Server(main.configure(made, entrance, Options()))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [link]}, daemon=True)
    thread.start()
    async with exec_server() as cluster:
        cluster.register(settings.addresses)
        found = Scene(url, records, cluster, signer, folder)
        for name in ("ann", "bob", "eve"):
            records.identities.save(Identity(name, "k"))
            found.login(name)
        found.grant("bob", Role.VIEWER)
        try:
            yield found
        finally:
            server.should_exit = True
            await asyncio.to_thread(thread.join, 10)
            with contextlib.suppress(OSError):
                link.close()
    records.close()
