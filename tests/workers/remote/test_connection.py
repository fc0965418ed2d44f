"""A far call is sent again under the same key, and believes nothing of what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx2
import pytest

from domain.core.errors import SluicewayError, UnreachableError
from workers.client.ports.pages import PageOf
from workers.client.ports.runs import RunFilter, StartRun
from workers.remote import connection
from workers.remote.client import http_of
from workers.remote.connection import Connection
from workers.remote.runs import RemoteRuns

Handler = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(seconds: float) -> None:
        assert 0 < seconds <= connection.LONGEST_WAIT_S

    monkeypatch.setattr(asyncio, "sleep", at_once)


def runs(handler: Handler) -> RemoteRuns:
    return RemoteRuns(Connection(http_of("https://far.example", "slw_x", transport=httpx2.MockTransport(handler))))


@pytest.mark.parametrize("broken", [httpx2.ConnectError("refused"), httpx2.ReadTimeout("late"), 429, 502, 503, 504])
async def test_a_change_is_sent_again_under_the_same_key(broken: Exception | int):
    keys: list[str] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) > 2:
            return httpx2.Response(201, json={"id": "run/a/1"})
        if isinstance(broken, Exception):
            raise broken
        return httpx2.Response(broken, headers={"Retry-After": "100000"})

    assert await runs(handler).start(StartRun(pipeline="a"), "") == "run/a/1"
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_two_changes_have_two_keys():
    keys: list[str] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx2.Response(201, json={"id": "run/a/1"})

    far = runs(handler)
    for _ in range(2):
        await far.start(StartRun(pipeline="a"), "")
    assert len(set(keys)) == 2


async def test_a_server_that_stays_away_is_unreachable():
    asked = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        raise httpx2.ConnectError("refused")

    with pytest.raises(UnreachableError, match="does not answer") as raised:
        await runs(handler).show("run/a/1")
    assert raised.value.code == "SLW470"
    assert len(asked) == connection.TRIES


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, content=b"<html>a proxy's page</html>"),
        httpx2.Response(200, content=b"[" * 100_000),
        httpx2.Response(200, json={"items": "no list"}),
        httpx2.Response(200, json={"items": [{"id": 7}]}),
        httpx2.Response(302, headers={"Location": "https://evil.example/"}),
        httpx2.Response(403, content=b"forbidden"),
        httpx2.Response(403, json={"code": ["SLW410"]}),
        httpx2.Response(500, json=[]),
    ],
)
async def test_an_answer_that_is_none_of_ours_is_not_believed(answer: httpx2.Response):
    with pytest.raises(SluicewayError) as raised:
        await runs(lambda request: answer).list(RunFilter(), PageOf())
    assert raised.value.code == "SLW478"


async def test_an_answer_without_an_end_is_not_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "MOST_BYTES", 1000)
    with pytest.raises(SluicewayError) as raised:
        await runs(lambda request: httpx2.Response(200, content=b"x" * 1001)).report("run/a/1")
    assert raised.value.code == "SLW478"


async def test_the_token_goes_to_the_server_alone():
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(307, headers={"Location": "https://evil.example/"})

    with pytest.raises(SluicewayError):
        await runs(handler).show("run/a/1")
    assert [request.url.host for request in seen] == ["far.example"]
    assert seen[0].headers["Authorization"] == "Bearer slw_x"


@pytest.mark.parametrize("broken", [httpx2.ReadError("cut"), httpx2.ReadTimeout("late"), 502, 504])
async def test_what_counts_once_is_not_sent_again_when_it_may_have_arrived(broken: Exception | int):
    """A link is used up by the first try: the second would say that it is none."""
    asked = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if isinstance(broken, Exception):
            raise broken
        return httpx2.Response(broken)

    far = Connection(http_of("https://far.example", transport=httpx2.MockTransport(handler)))
    with pytest.raises(SluicewayError):
        await far.post("/login/link", dict, {"login": "x"})
    assert asked == ["/api/v1/login/link"]


@pytest.mark.parametrize("broken", [httpx2.ConnectError("refused"), 429, 503])
async def test_what_counts_once_is_sent_again_when_nothing_was_begun(broken: Exception | int):
    asked = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if len(asked) > 1:
            return httpx2.Response(200, json={"done": True})
        if isinstance(broken, Exception):
            raise broken
        return httpx2.Response(broken)

    far = Connection(http_of("https://far.example", transport=httpx2.MockTransport(handler)))
    assert await far.post("/login/link", dict, {"login": "x"}) == {"done": True}
