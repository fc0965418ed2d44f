"""A server with logins and nothing else, and what clients of it do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import get, post
from litestar.di import NamedDependency
from litestar.testing import TestClient

from activities.access.identity_store import Identity
from activities.access.key_registry import invitation, public_of
from activities.access.login_store import LinkKind
from activities.access.provider_client import Fetched, new_client
from activities.access.secret_values import new
from domain.access.entrance import Entrance
from domain.access.keys import KeyProof, PersonKey
from domain.access.login import challenge_of
from domain.access.principal import Caller
from domain.authority.registrations import Registration, Topic, key_body
from tests.support.key_registry import MemoryRegistry
from tests.support.one_app import app_of
from workers.api.auth import Cookies, SessionAuthenticator, check
from workers.api.gate import Gate
from workers.api.parts import Parts
from workers.api.routes import login, login_pages
from workers.client.logins.ground import Ground
from workers.client.logins.logins import Logins
from workers.console import pages
from workers.core.records import Records

ORIGIN = "http://sluiceway.localhost:8080"


class Still:
    """Nothing changes."""

    async def last(self) -> int:
        return 0

    async def after(self, seq: int, limit: int = 500) -> tuple[Any, ...]:
        return ()


@get("/who")
async def who(caller: NamedDependency[Caller]) -> dict[str, Any]:
    return {"id": caller.principal.id, "behalf": caller.on_behalf_of, "factor": caller.second_factor_at}


@post("/change", status_code=200)
async def change(caller: NamedDependency[Caller]) -> dict[str, Any]:
    return {"id": caller.principal.id}


@dataclass
class Server:
    """Its time is what a test says."""

    folder: Path
    origin: str = ORIGIN
    now: float = 1_800_000_000.0
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    fetched: Fetched = field(default_factory=lambda: Fetched(new_client()))

    def __post_init__(self) -> None:
        self.records = Records.at(self.folder / "records.db")
        ground = Ground(records=self.records, registry=self.registry, origin=self.origin, clock=lambda: self.now)
        self.logins = Logins(ground, self.fetched)
        self.secure = self.origin.startswith("https:")
        self.auth = SessionAuthenticator(self.logins, Cookies(self.secure))

    def person(self, name: str = "ann", *keys: PersonKey) -> None:
        """Registers a person, with keys that the signer knows."""
        self.records.identities.save(Identity(name, ""))
        self.records.people.add(name, self.now)
        self.registry.register(Registration(topic=Topic.PERSON, name=name, body={"groups": [], "roles": []}))
        for key in keys:
            self.registry.register(Registration(topic=Topic.KEY, name=name, body=key_body(key)))

    def link(self, name: str = "ann") -> str:
        """The code of a new one-time link."""
        code = new()
        self.registry.register(invitation(name, public_of(code)))
        self.logins.links.make(code, name, LinkKind.INVITATION, "owner:owner")
        return code

    def browser(self, **headers: str) -> TestClient[Any]:
        """A new browser, which says that its pages are of this server."""
        return self.program(**{"Sec-Fetch-Site": "same-origin", "Origin": self.origin, **headers})

    def program(self, **headers: str) -> TestClient[Any]:
        """A client without a browser."""
        client: TestClient[Any] = TestClient(self.app(), base_url=self.origin)
        client.headers.update(headers)
        return client

    def denials(self) -> list[str]:
        """Why logins failed, as the audit has it."""
        rows = self.records.database.rows("select body from audit_entries where outcome = 'denied' order by seq")
        return [str(json.loads(str(row["body"]))["details"].get("why", "")) for row in rows]

    def app(self, client: Any = None) -> Any:
        """The server with its gate. `client`: what pages ask."""

        async def clients(caller: Caller) -> Any:
            return client

        parts = Parts(clients=clients, authenticator=self.auth, changes=Still(), origin=self.origin, secure=self.secure)
        app = app_of(parts, _handlers, [check])
        entrance = Entrance(host="127.0.0.1", port=urlsplit(self.origin).port or 443, url=self.origin, tls=self.secure)
        return Gate(app, entrance)


def _handlers() -> list[Any]:
    return [login.routes(), login_pages.routes(), who, change, *pages.routes()]


def answer(client: TestClient[Any], signer: Any, path: str = "/api/v1/login", **more: Any) -> dict[str, Any]:
    """What a client posts after it has signed a question. `signer`: from a text to a KeyProof."""
    asked = client.post(f"{path}/question", headers=csrf(client)).json()
    proof: KeyProof = signer(challenge_of(asked["challenge"]).text())
    return {"state": asked["state"], **vars(proof), **more}


def csrf(client: TestClient[Any]) -> dict[str, str]:
    """The header that a page's scripts send."""
    from domain.access.forgery import token_of

    secret = client.cookies.get("__Host-sluiceway") or client.cookies.get("sluiceway")
    return {"X-CSRF-Token": token_of(secret)} if secret else {}
