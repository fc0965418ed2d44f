"""Signatures and tokens are counted by network and principal."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar, post
from litestar.di import NamedDependency
from litestar.testing import TestClient

from activities.access.rate_store import TooManyError
from domain.access.principal import Caller, Principal, PrincipalKind
from workers.api.app import create_app
from workers.api.limits import kind_of
from workers.api.parts import Parts


@post("/api/v1/approvals/{id:str}/decisions", status_code=200)
async def decide(caller: NamedDependency[Caller]) -> str:
    return caller.principal.id


class Somebody:
    async def caller(self, connection: Any) -> Caller:
        name = connection.headers["x-who"]
        return Caller(principal=Principal(kind=PrincipalKind.PERSON, name=name))


class Twice:
    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    def take(self, kind: str, who: str) -> None:
        if self.taken.count((kind, who)) == 2 and not who.startswith("address:"):
            raise TooManyError("too many tries", 6.5)
        self.taken.append((kind, who))


def test_asvs_6_3_1_too_many_signatures_of_one_principal_are_refused_with_the_time_to_wait() -> None:
    limiter = Twice()
    parts = Parts(clients=None, authenticator=Somebody(), changes=None, origin="http://x", limiter=limiter)  # type: ignore[arg-type]
    with TestClient[Litestar](create_app(parts, [decide])) as client:
        answers = [
            client.post("/api/v1/approvals/a/decisions", headers={"x-who": who}) for who in ("ann",) * 3 + ("bob",)
        ]
    assert [one.status_code for one in answers] == [200, 200, 429, 200]
    assert (answers[2].headers["retry-after"], answers[2].json()["code"]) == ("7", "SLW454")
    assert ("signature", "address:testclient") in limiter.taken


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/api/v1/approvals/a:b/decisions", "signature"),
        ("GET", "/api/v1/approvals/a:b/decisions", ""),
        ("POST", "/api//v1/approvals/a:b/decisions/", "signature"),
        ("POST", "/api/v1/me/invitations", "signature"),
        ("POST", "/api/v1/me/confirmations", "signature"),
        ("POST", "/api/v1/policies/base/steps", "signature"),
        ("POST", "/api/v1/tokens", "token"),
        ("POST", "/api//v1/tokens/", "token"),
        ("POST", "/api/v1/runs", ""),
        ("POST", "/api/v1/pods", "order"),
        ("POST", "/pods", "order"),
        ("POST", "/pods/new", ""),
        ("POST", "/api/v1/pods/plans", ""),
        ("POST", "/api/v1/pods/a:b/end", "order"),
        ("POST", "/api/v1/clusters/edge/changes", "order"),
        ("POST", "/api/v1/clusters/edge/volumes/changes", "order"),
        ("POST", "/api/v1/clusters/edge/plans", ""),
        ("POST", "/clusters/edge/objects/Pod/shop/web/delete", "order"),
        ("POST", "/api/v1/clusters/edge/namespaces/shop/objects/Pod/web/restart", "order"),
        ("POST", "/api/v1/requests", "order"),
        ("POST", "/api/v1/requests/plans", ""),
        ("POST", "/volumes/edge/shop/data/delete", "order"),
    ],
)
def test_what_is_counted_is_named(method: str, path: str, kind: str) -> None:
    assert kind_of(method, path) == kind
