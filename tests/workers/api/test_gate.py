"""What reaches a handler, and what every answer says to the browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.testing import TestClient

from domain.access.entrance import Entrance, local_url
from workers.api.gate import HEALTH, Gate

HERE = Entrance(host="127.0.0.1", port=8080, url=local_url(8080))
BEHIND = Entrance(host="10.0.0.5", port=8080, url="https://ci.example.org", trusted_proxy="testclient")
OWN = {"Host": "sluiceway.localhost:8080"}


@get("/who", sync_to_thread=False)
def who(request: Request[Any, Any, Any]) -> dict[str, str]:
    assert request.client is not None
    return {"address": request.client.host, "scheme": request.url.scheme}


@get("/frame", sync_to_thread=False)
def framed() -> dict[str, str]:
    return {}


@post("/change", status_code=200, sync_to_thread=False)
def change() -> str:
    return "changed"


@get(HEALTH, sync_to_thread=False)
def health() -> str:
    return "ok"


def client(entrance: Entrance = HERE) -> TestClient[Litestar]:
    app = Litestar([who, framed, change, health], openapi_config=None)
    return TestClient(Gate(app, entrance), base_url=entrance.url)  # type: ignore[arg-type]


def test_asvs_3_4_every_answer_tells_the_browser_what_a_page_may_do() -> None:
    with client() as asked:
        for path in ("/who", "/nothing", HEALTH):
            told = asked.get(path, headers=OWN).headers
            assert "default-src 'none'" in told["content-security-policy"]
            assert "frame-ancestors 'none'" in told["content-security-policy"]
            assert "unsafe" not in told["content-security-policy"]
            assert (told["x-content-type-options"], told["referrer-policy"]) == ("nosniff", "same-origin")
            assert told["cache-control"] == "no-store"
            assert "strict-transport-security" not in told


def test_asvs_3_4_1_over_tls_the_browser_stays_with_it() -> None:
    with client(replace(HERE, tls=True, url="https://ci.example.org")) as asked:
        assert "max-age" in asked.get("/who").headers["strict-transport-security"]
        assert asked.get("/who").json()["scheme"] == "https"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8080", "localhost:8080", "sluiceway.localhost", ""])
def test_a_name_that_points_here_is_not_this_server(host: str) -> None:
    with client() as asked:
        refused = asked.get("/who", headers={"Host": host})
        assert (refused.status_code, refused.json()["code"]) == (421, "SLW452")
        assert asked.get(HEALTH, headers={"Host": host}).text == "ok"


@pytest.mark.parametrize(
    ("heads", "status"),
    [
        ({"Origin": "http://sluiceway.localhost:8080"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://sluiceway.localhost:9090"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Cookie": "sluiceway=x"}, 403),
        ({"Authorization": "Bearer slw_x"}, 200),
    ],
)
def test_asvs_3_5_1_what_changes_something_comes_from_a_page_of_this_server_or_brings_a_token(
    heads: dict[str, str], status: int
) -> None:
    with client() as asked:
        answer = asked.post("/change", headers={**OWN, **heads})
        assert answer.status_code == status
        assert status == 200 or answer.json()["code"] == "SLW453"


def test_asvs_4_4_2_a_websocket_of_another_origin_is_not_opened() -> None:
    upgrade = {**OWN, "Connection": "Upgrade", "Upgrade": "websocket"}
    with client() as asked:
        assert asked.get("/who", headers={**upgrade, "Origin": "http://evil.example"}).status_code == 403
        assert asked.get("/who", headers=upgrade).status_code == 403
        assert asked.get("/who", headers={**upgrade, "Origin": HERE.url}).status_code == 200


def test_asvs_4_1_3_nobody_but_the_trusted_proxy_says_where_a_request_comes_from() -> None:
    with client() as asked:
        assert asked.get("/who", headers={**OWN, "X-Forwarded-For": "6.6.6.6"}).json()["address"] == "testclient"


def test_past_the_proxy_nothing_is_answered() -> None:
    with client(BEHIND) as asked:
        refused = asked.get("/who")
        assert (refused.status_code, refused.json()["code"]) == (421, "SLW452")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:x", "[::", "a b", ""])
def test_a_person_who_is_refused_here_gets_a_page(host: str) -> None:
    with client() as asked:
        refused = asked.get("/who", headers=[("Host", host), ("Accept", "text/html")])
    assert (refused.status_code, refused.headers["content-type"]) == (421, "text/html; charset=utf-8")
    assert "SLW452" in refused.text
    assert "default-src 'none'" in refused.headers["content-security-policy"]


def test_a_page_of_another_origin_gets_a_page_in_the_readers_language() -> None:
    heads = OWN | {"Origin": "http://evil.example", "Accept": "text/html", "Accept-Language": "ko"}
    with client() as asked:
        refused = asked.post("/change", headers=heads)
    assert (refused.status_code, "SLW453" in refused.text, '<html lang="ko"' in refused.text) == (403, True, True)
