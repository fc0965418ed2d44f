"""The Temporal UI behind the login."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.access.actions import Action
from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind
from domain.access.resource import Resource
from domain.core.errors import RefusedError
from tests.workers.api.logging_in import Still
from workers.api import temporal
from workers.api.app import create_app
from workers.api.parts import Parts
from workers.client.ports.approvals import ApprovalRow

SCRIPT = b"start()"
PAGE = b"<html><body><script>" + SCRIPT + b"</script></body></html>"
BASE = "/temporal/api/v1/namespaces/default/workflows/approval%2Fweb%2F7%2Fok"
SIGNED = {"input": {"payloads": [{"approver": "ann", "signature": "c2ln", "approve": True}]}}


@dataclass
class Ui:
    """What it was asked, and what it answers."""

    asked: list[httpx2.Request] = field(default_factory=list)
    status: int = 200
    heads: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    body: bytes = b'{"workflows": []}'
    away: bool = False

    breaks: bool = False
    start: bytes = PAGE
    """What the server is given when it asks for the start page itself."""

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        if self.away:
            raise httpx2.ConnectError("refused")
        if len(self.asked) > 1 and request.url.path == "/temporal/":
            return httpx2.Response(200, headers={"content-type": "text/html"}, content=self.start)
        return httpx2.Response(self.status, headers=self.heads, content=self._parts())

    async def _parts(self) -> AsyncIterator[bytes]:
        yield self.body
        if self.breaks:
            raise httpx2.ReadError("cut off")


def behind(ui: Ui) -> httpx2.AsyncClient:
    """The server's connection to it."""
    return httpx2.AsyncClient(base_url="http://ui", transport=httpx2.MockTransport(ui))


@dataclass
class Allowing:
    """A guard that allows what a test says, and remembers what was used."""

    caller: Caller
    allowed: frozenset[Action]
    used: list[tuple[Action, str]]
    told: list[Any]

    def need(self, action: Action, resource: Resource) -> None:
        if action not in self.allowed:
            raise RefusedError("SLW410", "no", where="default/deny")

    def use(self, action: Action, resource: Resource, details: Any = None) -> Any:
        self.need(action, resource)
        self.used.append((action, f"{resource.name} in {resource.environment}"))
        return _Using(self.told)


@dataclass
class _Using:
    told: list[Any]

    def tell(self, **details: Any) -> None:
        self.told.append(details)

    async def __aenter__(self) -> _Using:
        return self

    async def __aexit__(self, *_: object) -> None: ...


@dataclass
class Scene:
    """A server in front of a UI."""

    ui: Ui
    client: TestClient[Litestar]
    used: list[tuple[Action, str]]
    allowed: set[Action]
    told: list[Any]
    counted: list[tuple[str, str]]


class Counting:
    def __init__(self) -> None:
        self.counted = list[tuple[str, str]]()

    def take(self, kind: str, who: str) -> None:
        self.counted.append((kind, who))


class Login:
    async def caller(self, connection: Any) -> Caller:
        if connection.headers.get("x-who") == "nobody":
            return Caller(principal=ANONYMOUS)
        return Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), address="192.0.2.1")


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    told = list[Any]()
    ui, used, allowed = Ui(), list[tuple[Action, str]](), {Action.TEMPORAL_READ, Action.APPROVALS_DECIDE}
    client_of_ui = behind(ui)
    monkeypatch.setattr(temporal, "_client", lambda address: client_of_ui)

    def guards(caller: Caller) -> Any:
        anonymous = caller.principal.kind is PrincipalKind.ANONYMOUS
        return Allowing(caller, frozenset() if anonymous else frozenset(allowed), used, told)

    class Approvals:
        async def show(self, id_: str) -> Any:
            assert id_ == "approval/web/7/ok"
            return SimpleNamespace(row=ApprovalRow(id=id_, run="run/web/7", job="ok", environment="production"))

    async def clients(caller: Caller) -> Any:
        return SimpleNamespace(approvals=Approvals())

    limiter = Counting()
    parts = Parts(
        clients=clients,
        authenticator=Login(),
        changes=Still(),
        origin="http://x",
        guards=guards,
        temporal_ui="http://ui",
        limiter=limiter,
    )
    with TestClient[Litestar](create_app(parts, [temporal.temporal])) as client:
        yield Scene(ui, client, used, allowed, told, limiter.counted)


def test_reads_pass_without_what_the_browser_has_of_this_server(scene: Scene) -> None:
    heads = {
        "Cookie": "__Host-sluiceway=secret; _csrf=token",
        "Authorization": "Bearer slw_x",
        "Accept": "application/json",
    }
    answer = scene.client.get("/temporal/api/v1/namespaces/default/workflows?query=a%20b", headers=heads)
    assert answer.json() == {"workflows": []}
    (asked,) = scene.ui.asked
    assert str(asked.url) == "http://ui/temporal/api/v1/namespaces/default/workflows?query=a%20b"
    assert not {"cookie", "authorization"} & set(asked.headers)


def test_who_may_not_read_temporal_reaches_nothing(scene: Scene) -> None:
    scene.allowed.clear()
    assert scene.client.get("/temporal/").status_code == 403
    for path in ("/temporal/", "/temporal/_app/immutable/x.js"):
        assert scene.client.get(path, headers={"x-who": "nobody"}).status_code == 401
    assert scene.ui.asked == []


@pytest.mark.parametrize("path", [f"{BASE}/terminate", f"{BASE}/signal/pause", "/temporal/api/v1/namespaces"])
def test_a_write_is_refused_in_words_that_the_ui_shows(scene: Scene, path: str) -> None:
    refused = scene.client.post(path, json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "SLW458")
    assert refused.json()["message"].startswith("the Temporal UI is read only here: ")
    assert (scene.ui.asked, scene.used) == ([], [])
    assert scene.client.delete(path).status_code == 403


def test_a_signed_decision_passes_and_is_recorded(scene: Scene) -> None:
    assert scene.client.post(f"{BASE}/signal/approve", json=SIGNED).status_code == 200
    (asked,) = scene.ui.asked
    assert asked.url.raw_path.decode() == f"{BASE}/signal/approve"
    sent = json.loads(asked.content)
    assert json.loads(base64.b64decode(sent["input"]["payloads"][0]["data"])) == SIGNED["input"]["payloads"][0]
    assert sent["identity"] == "person:ann"
    assert scene.used == [(Action.APPROVALS_DECIDE, "run/web/7 in production")]


def test_a_decision_is_counted_by_the_network_and_by_who_sends_it(scene: Scene) -> None:
    scene.client.post(f"{BASE}/signal/approve", json=SIGNED)
    assert scene.counted == [("signature", "address:192.0.2.1"), ("signature", "person:ann")]


def test_what_the_ui_answers_to_a_decision_is_in_the_audit(scene: Scene) -> None:
    scene.ui.status = 404
    assert scene.client.post(f"{BASE}/signal/approve", json=SIGNED).status_code == 404
    assert scene.told == [{"answered": 404}]


def test_who_may_not_decide_sends_no_decision(scene: Scene) -> None:
    scene.allowed.discard(Action.APPROVALS_DECIDE)
    assert scene.client.post(f"{BASE}/signal/approve", json=SIGNED).status_code == 403
    assert scene.ui.asked == []


def _policy(scene: Scene, path: str, body: bytes, kind: str) -> str:
    scene.ui.body, scene.ui.heads = body, {"content-type": kind}
    answer = scene.client.get(path, headers={"Accept": "text/html"})
    assert answer.content == body
    return answer.headers["content-security-policy"]


def test_only_the_script_of_its_start_page_runs(scene: Scene) -> None:
    policy = _policy(scene, "/temporal/namespaces/default", PAGE, "text/html; charset=utf-8")
    digest = base64.b64encode(hashlib.sha256(SCRIPT).digest()).decode()
    assert policy.endswith(f"script-src 'strict-dynamic' 'sha256-{digest}'")
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML", "image/svg+xml", "application/xhtml+xml", "text/xml", ""])
def test_no_other_answer_runs_a_script_whatever_type_it_has(scene: Scene, kind: str) -> None:
    policy = _policy(scene, "/temporal/namespaces/x", PAGE.replace(SCRIPT, b"steal()"), kind)
    assert policy == "default-src 'none'; frame-ancestors 'none'; sandbox"


def test_the_start_page_is_asked_for_once_for_each_version(scene: Scene) -> None:
    for _ in range(3):
        _policy(scene, "/temporal/x", PAGE, "text/html")
    assert [str(one.url) for one in scene.ui.asked].count("http://ui/temporal/") == 1
    (asked,) = [one for one in scene.ui.asked if one.url.path == "/temporal/"]
    assert not {"cookie", "authorization"} & set(asked.headers)


def test_what_the_api_answers_is_never_a_page(scene: Scene) -> None:
    scene.ui.body, scene.ui.heads = PAGE, {"content-type": "text/html"}
    answer = scene.client.get("/temporal/api/v1/namespaces/default")
    assert answer.headers["content-type"] == "application/json"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_page_that_is_compressed_arrives_whole(scene: Scene) -> None:
    scene.ui.body, scene.ui.heads = gzip.compress(PAGE), {"content-type": "text/html", "content-encoding": "gzip"}
    answer = scene.client.get("/temporal/x", headers={"Accept": "*/*"})
    assert (answer.content, "content-encoding" in answer.headers) == (PAGE, False)


def test_only_files_of_the_ui_are_kept_by_a_browser(scene: Scene) -> None:
    scene.ui.heads = {"content-type": "text/javascript"}
    kept = scene.client.get("/temporal/_app/immutable/x.js").headers["cache-control"]
    named = scene.client.get("/temporal/api/v1/namespaces/default/workflows/_app%2Fimmutable%2Fx")
    assert ("immutable" in kept, named.headers["cache-control"]) == (True, "no-store")


@pytest.mark.parametrize("leads", ["/temporal/../login", "/temporal/%5c..", "//evil.example/temporal/../x", "\\\\evil"])
def test_no_redirect_leads_out_of_the_ui(scene: Scene, leads: str) -> None:
    scene.ui.status, scene.ui.heads = 302, {"location": leads}
    location = scene.client.get("/temporal/x", follow_redirects=False).headers["location"]
    assert location in ("/temporal/", "/temporal/%5c..")


def test_a_redirect_stays_on_this_origin_and_foreign_cookies_are_not_set(scene: Scene) -> None:
    scene.ui.status = 302
    scene.ui.heads = {"location": "http://evil.example/x", "set-cookie": "__Host-sluiceway=stolen"}
    answer = scene.client.get("/temporal/x", follow_redirects=False)
    assert answer.headers["location"] == "/temporal/"
    assert "set-cookie" not in answer.headers


def test_a_ui_that_is_away_is_an_answer_and_no_failure(scene: Scene) -> None:
    scene.ui.away = True
    answer = scene.client.get("/temporal/")
    assert (answer.status_code, answer.json()["code"]) == (503, "SLW902")


def test_a_page_that_breaks_off_is_an_answer_and_no_failure(scene: Scene) -> None:
    scene.ui.breaks, scene.ui.heads = True, {"content-type": "text/html"}
    answer = scene.client.get("/temporal/")
    assert (answer.status_code, answer.json()["code"]) == (503, "SLW902")
