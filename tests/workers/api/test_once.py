"""A request that comes twice is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar.testing import TestClient
from sqlalchemy import false

from activities.access import answer_store
from activities.access.answer_store import AnswerStore, Turn
from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind
from domain.core.errors import RefusedError
from tests.support.far import http
from workers.api import errors, once
from workers.api.app import MOST_BODY
from workers.api.once import Once
from workers.core.records import Records

DONE: list[dict[str, str]] = []


@post("/api/v1/runs")
async def start(data: JSONBody[dict[str, str]]) -> dict[str, int]:
    if data.get("name") == "refused":
        raise RefusedError("SLW410", "no")
    DONE.append(data)
    return {"run": len(DONE)}


@post("/grants")
async def grant(request: Request[Any, Any, Any]) -> Redirect:
    await request.body()
    DONE.append({})
    cookies = [Cookie(key="made", value=f"secret-{len(DONE)}")]
    return Redirect(f"/grants?n={len(DONE)}", status_code=303, cookies=cookies)


async def check(request: Request[Any, Any, Any]) -> None:
    """As the server's own: a token in a header or, once there is a route, in a form's field."""
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    told = request.headers.get("X-CSRF-Token", "") or (await request.form()).get("csrf", "") if is_form else "token"
    if told != "token" or "x-forged" in request.headers:
        raise RefusedError("SLW423", "no")


@dataclass
class Somebody:
    name: str = "ann"
    asked: list[str] = field(default_factory=list)

    async def caller(self, connection: Any) -> Caller:
        name = connection.headers.get("x-who", self.name)
        known = Principal(kind=PrincipalKind.PERSON, name=name)
        return Caller(principal=known if name else ANONYMOUS)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[TestClient[Any]]:
    DONE.clear()
    records = Records.at(tmp_path / "records.db")
    app = Litestar(
        [start, grant],
        before_request=check,
        exception_handlers=errors.HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    with TestClient(Once(app, AnswerStore(records.database), Somebody(), check)) as client:
        yield client
    records.close()


def test_the_second_request_gets_the_first_ones_answer(asked: TestClient[Any]) -> None:
    first, second = (
        asked.post("/api/v1/runs", json={"name": "web"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (201, {"run": 1})
    assert (second.headers["idempotent-replay"], len(DONE)) == ("true", 1)


def test_another_body_under_the_same_key_is_refused(asked: TestClient[Any]) -> None:
    asked.post("/api/v1/runs", json={"name": "web"}, headers={"Idempotency-Key": "k"})
    refused = asked.post("/api/v1/runs", json={"name": "api"}, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["code"], len(DONE)) == (422, "SLW456", 1)


def test_keys_belong_to_whoever_uses_them(asked: TestClient[Any]) -> None:
    for who in ("ann", "bob", "", ""):
        asked.post("/api/v1/runs", json={}, headers={"Idempotency-Key": "k", "x-who": who})
    assert len(DONE) == 4


def test_what_was_refused_can_be_asked_again_with_the_same_key(asked: TestClient[Any]) -> None:
    for _ in range(2):
        answer = asked.post("/api/v1/runs", json={"name": "refused"}, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["code"]) == (403, "SLW410")
    assert asked.post("/api/v1/runs", json={"name": "web"}, headers={"Idempotency-Key": "k"}).status_code == 201


def test_a_body_that_is_too_large_is_not_kept_in_memory(asked: TestClient[Any]) -> None:
    answer = asked.post("/api/v1/runs", content=b"x" * (MOST_BODY + 1), headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (400, "SLW471")


@pytest.mark.parametrize("race", ["_ONE", "_TAKE"])
def test_of_two_retries_one_does_it_and_the_other_is_told_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, race: str
) -> None:
    now = iter([0.0, 100.0])
    records = Records.at(tmp_path / "records.db")
    store = AnswerStore(records.database, lambda: next(now))
    assert isinstance(store.begin("person:ann", "k", "POST", "/", b""), Turn)
    monkeypatch.setattr(answer_store, race, getattr(answer_store, race).where(false()))  # the other one was faster
    with pytest.raises(RefusedError, match="SLW457"):
        store.begin("person:ann", "k", "POST", "/", b"")
    records.close()


FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_a_form_that_is_sent_twice_acts_once(asked: TestClient[Any]) -> None:
    first, second = (
        asked.post("/grants", content="csrf=token&key=k&to=bob", headers=FORM, follow_redirects=False) for _ in range(2)
    )
    assert [one.headers["location"] for one in (first, second)] == ["/grants?n=1"] * 2
    assert [one.cookies["made"] for one in (first, second)] == ["secret-1"] * 2
    asked.post(
        "/grants", content="csrf=token&key=k&to=kim", headers=FORM, follow_redirects=False
    )  # other words, another form
    asked.post("/grants", content="csrf=token&to=bob", headers=FORM, follow_redirects=False)
    assert len(DONE) == 3


@pytest.mark.parametrize("body", [b"key=\xff", b"&".join([b"a=b"] * 2_000), b"key=" + b"k" * 200, b"", b"key="])
def test_a_form_that_has_no_key_goes_through(asked: TestClient[Any], body: bytes) -> None:
    for _ in range(2):
        assert "idempotent-replay" not in asked.post("/grants", content=body, headers=FORM).headers


def test_what_another_site_sends_gets_no_answer_that_was_kept(asked: TestClient[Any]) -> None:
    heads = {"Idempotency-Key": "k"}
    asked.post("/api/v1/runs", json={}, headers=heads)
    assert asked.post("/grants", content="key=k&to=bob", headers=FORM).status_code == 403  # without a token
    forged = asked.post("/api/v1/runs", json={}, headers={**heads, "x-forged": "yes"})
    assert (forged.status_code, forged.json()["code"]) == (403, "SLW423")
    assert asked.post("/api/v1/runs", json={}, headers=heads).headers["idempotent-replay"] == "true"


async def test_a_second_request_to_another_server_waits_for_the_first_ones_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "LOOK_S", 0.01)
    begun, told, done = asyncio.Event(), asyncio.Event(), list[str]()

    @post("/api/v1/tokens")
    async def slow() -> dict[str, int]:
        done.append("x")
        begun.set()
        await told.wait()
        return {"n": len(done)}

    records = Records.at(tmp_path / "records.db")
    app = Litestar([slow], exception_handlers=errors.HANDLERS, openapi_config=None, logging_config=None)
    servers = [http(Once(app, AnswerStore(records.database), Somebody())) for _ in range(2)]
    heads = {"Idempotency-Key": "k"}
    first = asyncio.create_task(servers[0].post("/api/v1/tokens", headers=heads))
    await begun.wait()
    second = asyncio.create_task(servers[1].post("/api/v1/tokens", headers=heads))
    await asyncio.wait([second], timeout=0.05)
    assert not second.done()
    monkeypatch.setattr(once, "WAIT_S", 0)
    third = await servers[1].post("/api/v1/tokens", headers=heads)
    told.set()
    answers = [(await one).json() for one in (first, second)]
    assert (answers, third.status_code, third.json()["code"]) == ([{"n": 1}] * 2, 503, "SLW457")
    records.close()


@pytest.mark.parametrize("path", ["/api/v1/login/step-up", "/login/password", "/me/logout", "/api/v1/me/keys"])
def test_no_answer_of_a_login_is_kept(path: str, tmp_path: Path) -> None:
    @post(path)
    async def own() -> Redirect:
        DONE.append({})
        return Redirect("/", status_code=303, cookies=[Cookie(key="session", value="secret")])

    DONE.clear()
    records = Records.at(tmp_path / "records.db")
    app = Litestar([own], openapi_config=None, logging_config=None)
    with TestClient(Once(app, AnswerStore(records.database), Somebody())) as client:
        for _ in range(2):
            client.post(path, content="key=k", headers=FORM | {"Idempotency-Key": "k"}, follow_redirects=False)
    assert (len(DONE), records.database.rows("select key from answers")) == (2, [])
    records.close()
