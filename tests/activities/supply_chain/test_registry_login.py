"""A registered login reaches its registry and nobody else, and no text has it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from activities.secrets.broker import Broker
from activities.secrets.stores.memory import MemorySecrets
from activities.storage.stores.folder import FolderStore
from activities.supply_chain import tags
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.image_admission import ImageAdmissionActivities
from activities.supply_chain.oci_registry import CONFIG, MANIFEST, Registry, Remote, described, publish
from activities.supply_chain.port import Admitted, ImageQuestion
from activities.supply_chain.registry_access import Credentials, RegistryAccess
from activities.supply_chain.registry_login import RegistryLogin
from activities.supply_chain.signing import FileSigner
from domain.core.documents import Manifest
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.registries import Login
from domain.secrets.rules import SecretRule, SecretUse
from domain.supply_chain import attestation
from domain.supply_chain.image_policy import ImageRule
from domain.triggers.events import EventKind, EventRef
from tests.support.registry import PASSWORD
from workers.core.records import Records

BASIC = f"Basic {base64.b64encode(f'robot:{PASSWORD}'.encode()).decode()}"
DIGEST = f"sha256:{'d' * 64}"
LOGIN = Credentials(user="robot", password=PASSWORD)


class Private(BaseHTTPRequestHandler):
    """Shows nothing without a login: `demand` is how it asks for one."""

    demand = "Basic realm=private"
    accepted = BASIC
    told: list[tuple[str, str]]

    def do_HEAD(self) -> None:
        self._answer({"Docker-Content-Digest": DIGEST})

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        if self.path.startswith("/token"):
            self.told.append((self.path, given))
            self._send(200 if given == BASIC else 401, {}, json.dumps({"token": "t1"}).encode())
            return
        self._answer({})

    def _answer(self, headers: dict[str, str]) -> None:
        given = self.headers.get("Authorization", "")
        self.told.append((self.path, given))
        if given != self.accepted:
            self._send(401, {"Www-Authenticate": self.demand.replace("ME", self.headers["Host"])}, b"")
            return
        self._send(200, headers, b"" if self.command == "HEAD" else b'{"layers": []}')

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def private() -> Iterator[tuple[str, type[Private]]]:
    class Handler(Private):
        told = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", Handler
    server.shutdown()
    server.server_close()


def by_token(handler: type[Private], realm: str = "http://ME/token") -> None:
    handler.demand = f'Bearer realm="{realm}",service="here",scope="repository:shop:pull"'
    handler.accepted = "Bearer t1"


def resolved(host: str, login: Credentials | None = LOGIN) -> str:
    return tags.resolved(f"{host}/shop:1", [host], login)


def test_a_registry_that_asks_for_a_password_gets_it(private: Any):
    host, handler = private
    assert resolved(host) == f"{host}/shop@{DIGEST}"
    assert [given for _, given in handler.told] == ["", BASIC]


def test_a_registry_that_asks_for_a_token_gets_one_from_its_own_host(private: Any):
    host, handler = private
    by_token(handler)
    assert resolved(host) == f"{host}/shop@{DIGEST}"
    assert handler.told[1] == ("/token?service=here&scope=repository%3Ashop%3Apull", BASIC)
    assert BASIC not in [given for path, given in handler.told if path.startswith("/v2")]


def test_statements_are_read_with_the_same_login(private: Any):
    host, handler = private
    by_token(handler)
    assert Registry(f"{host}/shop@{DIGEST}", login=LOGIN).statements() == []


def test_a_real_registry_takes_an_image_and_its_statements_by_its_password_and_not_without(private_registry: str):
    name, entry = f"{private_registry}/team/shop", described(b"{}", CONFIG)
    manifest: Manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": entry, "layers": []}
    remote = Remote(name, login=LOGIN)
    remote.put_blob(b"{}", entry)
    remote.put_manifest("1", manifest)
    image = tags.resolved(f"{name}:1", [private_registry], LOGIN)
    Registry(image, login=LOGIN).attach(attestation.SCAN, b"{signed}")
    assert Registry(image, login=LOGIN).statements() == [b"{signed}"]
    for wrong in (None, Credentials(user="robot", password="mistaken-password")):
        with pytest.raises(RefusedError, match="nobody can say"):
            tags.resolved(f"{name}:1", [private_registry], wrong)
        with pytest.raises(SluicewayError, match="SLW838"):
            Registry(image, login=wrong).attach(attestation.SCAN, b"{other}")


@pytest.mark.parametrize("realm", ["https://evil.example/token", "https://127.0.0.2/token", "https://x@ME/token"])
def test_a_registry_cannot_have_the_login_sent_to_somebody_else(private: Any, realm: str):
    host, handler = private
    by_token(handler, realm)
    with pytest.raises(RefusedError) as refused:
        resolved(host)
    assert refused.value.code == "SLW838"
    assert "realms" in refused.value.advice
    assert [given for _, given in handler.told] == [""]


@pytest.mark.parametrize(
    "demand", ["", "Basic", "Bearer", "Bearer realm=unquoted", "Negotiate", "Bearer " + "x" * 9_000]
)
def test_a_demand_that_nobody_understands_is_no_login(private: Any, demand: str):
    host, handler = private
    handler.demand, handler.accepted = demand, "nothing"
    with pytest.raises(RefusedError, match="nobody can say"):
        resolved(host)


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"token": 7}', b'{"token": "' + b"x" * 60_000 + b'"}'])
def test_an_answer_without_a_token_is_none(private: Any, answer: bytes, monkeypatch: pytest.MonkeyPatch):
    host, handler = private
    by_token(handler)
    monkeypatch.setattr(handler, "do_GET", lambda self: self._send(200, {}, answer))
    with pytest.raises(RefusedError, match="nobody can say"):
        resolved(host)


def test_a_login_that_is_refused_is_sent_once_and_in_no_message(private: Any, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    host, handler = private
    wrong = Credentials(user="robot", password="mistaken-password")
    with pytest.raises(RefusedError) as refused:
        resolved(host, wrong)
    texts = f"{refused.value} {refused.value.why} {refused.value.advice} {wrong!r} {caplog.text}"
    assert "mistaken-password" not in texts
    assert wrong.basic.split()[1] not in texts
    assert len(handler.told) == 2


def test_a_redirect_to_another_host_has_no_login(private: Any, monkeypatch: pytest.MonkeyPatch):
    host, handler = private
    by_token(handler)

    def away(self: Private) -> None:
        self.told.append((self.path, self.headers.get("Authorization", "")))
        if self.path.startswith("/v2"):
            self._send(307, {"Location": f"http://localhost:{host.partition(':')[2]}/elsewhere"}, b"")
        elif self.path.startswith("/token"):
            self._send(200, {}, b'{"token": "t1"}')
        else:
            self._send(401, {"Www-Authenticate": self.demand.replace("ME", self.headers["Host"])}, b"")

    monkeypatch.setattr(handler, "do_GET", away)
    with pytest.raises(SluicewayError):
        Registry(f"{host}/shop@{DIGEST}", login=LOGIN).statements()
    assert {given for path, given in handler.told if path == "/elsewhere"} == {""}


@pytest.mark.parametrize("asks", [by_token, lambda handler: None], ids=["token", "password"])
def test_another_host_that_an_upload_is_sent_to_has_no_login(private: Any, asks: Any, monkeypatch: pytest.MonkeyPatch):
    host, handler = private
    asks(handler)
    elsewhere = f"http://localhost:{host.partition(':')[2]}/elsewhere"

    def post(self: Private) -> None:
        known = self.headers.get("Authorization", "") == self.accepted
        demand = {"Www-Authenticate": self.demand.replace("ME", self.headers["Host"])}
        self._send(*((202, {"Location": elsewhere}, b"") if known else (401, demand, b"")))

    def put(self: Private) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.told.append((self.path.partition("?")[0], self.headers.get("Authorization", "")))
        self._send(401, {"Www-Authenticate": self.demand.replace("ME", self.headers["Host"])}, b"")

    monkeypatch.setattr(handler, "do_HEAD", lambda self: self._send(404, {}, b""))
    monkeypatch.setattr(handler, "do_POST", post, raising=False)
    monkeypatch.setattr(handler, "do_PUT", put, raising=False)
    with pytest.raises(SluicewayError, match="SLW838"):
        Remote(f"{host}/shop", login=LOGIN).put_blob(b"{}", described(b"{}", CONFIG))
    assert {given for path, given in handler.told if path == "/elsewhere"} == {""}


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://R.example/v2/", True),
        ("https://r.example:443/v2/", True),
        ("https://r.example:8443/v2/", False),
        ("http://r.example/v2/", False),
        ("https://r.example.evil.example/", False),
        ("https://r.example@evil.example/", False),
    ],
)
def test_a_registrys_own_addresses_have_its_host_and_its_port(url: str, own: bool):
    assert RegistryLogin("r.example", None).is_own(url) is own


class TestWhoseLogin:
    """The secret's own rules decide, for each run that asks."""

    USE = SecretUse(run="web-7", pipeline="web", repo="/repos/web", event=EventRef(EventKind.PUSH, "main"), job="ship")
    RULE = SecretRule(secret="token", pipelines=("web",), repositories=("/repos/web",))

    def access(self, *own: Login) -> RegistryAccess:
        store = MemorySecrets()
        store.write("token", PASSWORD)
        broker = Broker(store, lambda: (self.RULE,))
        return RegistryAccess(values=broker.values, value=broker.of_engine, own=own)

    def test_a_run_that_the_rule_names_asks_with_the_login_of_its_environment(self):
        login = Login(registry="r.example", user="robot", secret="token", realms=("auth.example",))
        found = self.access().credentials("r.example/shop:1", self.USE, [login])
        assert found == Credentials(user="robot", password=PASSWORD, realms=("auth.example",))
        assert self.access().credentials("other.example/shop:1", self.USE, [login]) is None

    def test_another_run_is_refused_before_anything_is_asked(self):
        login = Login(registry="r.example", user="robot", secret="token")
        with pytest.raises(RefusedError) as refused:
            self.access(login).credentials("r.example/shop:1", SecretUse(run="evil-1", pipeline="evil"))
        assert refused.value.code == "SLW041"

    def test_nothing_is_said_beside_an_image_inside_that_no_setting_names(
        self, private: Any, caplog: pytest.LogCaptureFixture, tmp_path: Any
    ):
        host, handler = private
        signer, image = FileSigner.made(tmp_path / "key"), f"{host}/shop@{DIGEST}"
        publish(self.access(), image, attestation.SCAN, b"{}", signer)
        assert handler.told == []
        assert "127.0.0.1 is not public" in caplog.text
        by_token(handler)
        known = self.access(Login(registry=host, user="robot", secret="token"))
        with pytest.raises(SluicewayError):  # it is no registry that takes anything
            publish(known, image, attestation.SCAN, b"{}", signer)
        assert BASIC in [given for path, given in handler.told if path.startswith("/token")]

    async def test_a_tag_is_admitted_with_the_login_that_the_signer_knows_of_its_environment(
        self, private: Any, tmp_path: Any
    ):
        host, _ = private
        login = Login(registry=host, user="robot", secret="token")
        access = replace(self.access(), of_environment=lambda name: (login,) if name == "production" else ())
        attestor = Attestor(
            FileSigner.made(tmp_path / "key"), Records.at(tmp_path / "db").attestations, FolderStore(tmp_path / "s")
        )
        admission = ImageAdmissionActivities(lambda name: ImageRule(), attestor, registries=access)

        async def admitted(environment: str, use: SecretUse = self.USE) -> Admitted:
            return await admission.admit(
                ImageQuestion(f"{host}/shop:1", environment, "run/web/7", daemon=False, job="ship", use=use)
            )

        assert (await admitted("production")).image == f"{host}/shop@{DIGEST}"
        assert "may not be asked" in (await admitted("staging")).refusal
        assert "secret token is not for" in (await admitted("production", SecretUse(run="evil-1"))).refusal
