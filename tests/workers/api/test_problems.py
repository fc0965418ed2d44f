"""Every error is problem+json with a code and what to do, and none shows the inside."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import httpx2
import pytest
from sqlalchemy.exc import OperationalError

from domain.access.principal import ANONYMOUS, Caller
from domain.core.errors import RefusedError, SluicewayError
from tests.support.far import http, server
from workers.client.ports.client import Client

KEY = {"Idempotency-Key": "12345678"}


class Failing:
    """A feature that raises in every method."""

    def __init__(self, raised: Exception) -> None:
        self.raised = raised

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            raise self.raised

        return call


async def asked(method: str, path: str, raised: Exception | None = None, **sent: Any) -> httpx2.Response:
    feature: Any = Failing(raised or AssertionError("nothing should be called"))
    names = [one.name for one in fields(Client)]
    async with http(server(Client(**dict.fromkeys(names, feature)))) as client:
        return await client.request(method, path, **sent)


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("GET", "/api/v1/nothing", {}, 404, "SLW472"),
        ("PUT", "/api/v1/runs", {}, 405, "SLW472"),
        ("GET", "/api/v1/runs?limit=0", {}, 400, "SLW479"),
        ("GET", "/api/v1/runs?limit=201", {}, 400, "SLW479"),
        ("GET", "/api/v1/runs?limit=x", {}, 400, "SLW479"),
        ("GET", f"/api/v1/runs?after={'x' * 3000}", {}, 400, "SLW479"),
        ("POST", "/api/v1/runs", {"json": {"pipeline": "a"}}, 400, "SLW473"),
        ("POST", "/api/v1/runs", {"content": b"{", "headers": KEY}, 400, "SLW471"),
        ("POST", "/api/v1/runs", {"json": {"pipeline": 7}, "headers": KEY}, 400, "SLW471"),
        ("POST", "/api/v1/runs", {"content": b'{"pipeline": "\xff"}', "headers": KEY}, 400, "SLW471"),
        ("POST", "/api/v1/runs", {"content": b"[" * 100_000, "headers": KEY}, 400, "SLW471"),
        (
            "POST",
            "/api/v1/runs",
            {"json": {"pipeline": "a"}, "headers": {"Idempotency-Key": "two words"}},
            400,
            "SLW471",
        ),
        ("POST", "/api/v1/approvals/a:1:b/decisions", {"json": {}, "headers": KEY}, 428, "SLW474"),
        (
            *("POST", "/api/v1/approvals/a:1:b/decisions"),
            *({"json": {}, "headers": {**KEY, "If-Match": "*"}}, 428, "SLW474"),
        ),
    ],
)
async def test_what_a_client_does_wrong_has_a_code(method: str, path: str, sent: Any, status: int, code: str):
    answer = await asked(method, path, **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["fix"]


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (RefusedError("SLW410", "no", why="mac/no-read-up", rule="mac/no-read-up"), 403),
        (RefusedError("SLW447", "changed"), 412),
        (RefusedError("SLW905", "not now"), 409),
        (SluicewayError("SLW911", "no such run"), 404),
        (SluicewayError("SLW476", "who?"), 401),
    ],
)
async def test_what_the_engine_refuses_keeps_its_code(raised: SluicewayError, status: int):
    answer = await asked("GET", "/api/v1/runs", raised)
    assert (answer.status_code, answer.json()["code"]) == (status, raised.code)
    assert answer.json().get("rule", "") == raised.rule
    assert ("www-authenticate" in answer.headers) is (status == 401)


async def test_a_database_that_is_away_is_no_bug_and_can_be_asked_again():
    answer = await asked("GET", "/api/v1/runs", OperationalError("select secret", {}, OSError("server closed")))
    assert (answer.status_code, answer.json()["code"]) == (503, "SLW807")
    assert "secret" not in answer.text


async def test_a_bug_shows_its_code_and_nothing_of_the_inside():
    answer = await asked("GET", "/api/v1/runs", ZeroDivisionError("/home/secret/path"))
    assert (answer.status_code, answer.json()["code"]) == (500, "SLW469")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_who_is_nobody_is_asked_to_log_in_whatever_they_may():
    feature: Any = Failing(RefusedError("SLW410", "no", why="default/deny"))
    names = [one.name for one in fields(Client)]
    app = server(Client(**dict.fromkeys(names, feature)), Caller(principal=ANONYMOUS))
    async with http(app) as client:
        answer = await client.get("/api/v1/runs")
    assert (answer.status_code, answer.json()["code"]) == (401, "SLW476")
    assert answer.headers["www-authenticate"].startswith("Bearer")
