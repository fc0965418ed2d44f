"""The codec that the Temporal UI asks for encrypted payloads."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, Parse
from litestar import Litestar
from litestar.testing import TestClient
from temporalio.api.common.v1 import Payload

from domain.access.actions import Action
from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind
from domain.access.resource import Resource
from domain.authority.payload_owners import Question, question
from domain.core.errors import RefusedError
from tests.workers.api.logging_in import Still
from tests.workers.api.test_temporal import Ui, behind
from workers.api import temporal
from workers.api.app import create_app
from workers.api.codec import MOST_PAYLOADS, Codec
from workers.api.parts import Parts
from workers.core.hidden_payloads import hide, opened
from workers.core.keyring import Keyring

NAMESPACE = {"X-Namespace": "default"}


@dataclass
class Rights:
    """Who may read which resources."""

    readable: set[str] = field(default_factory=set)
    temporal: bool = True

    def need(self, action: Action, resource: Resource) -> None:
        if action is not Action.TEMPORAL_READ or not self.temporal:
            raise RefusedError("SLW410", "no")

    def verdicts(self, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Any, ...]:
        return tuple(SimpleNamespace(allowed=one.id in self.readable, rule="rbac/none") for _, one in pairs)


class Owners:
    def of(self, ids: Sequence[str]) -> Mapping[str, Question | None]:
        return {id_: question(id_) for id_ in ids}


class Login:
    async def caller(self, connection: Any) -> Caller:
        if connection.headers.get("x-who") == "nobody":
            return Caller(principal=ANONYMOUS)
        return Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"))


@dataclass
class Scene:
    client: TestClient[Litestar]
    rights: Rights
    ring: Keyring
    ui: Ui

    def hidden(self, owner: str, text: bytes) -> Payload:
        payload = Payload(metadata={"encoding": b"json/plain", "seal": b"s", "messageType": b"m"}, data=text)
        hide(self.ring, "default", owner, payload)
        return payload

    def decoded(self, *payloads: Payload, namespace: str = "default") -> list[Payload]:
        body = {"payloads": [MessageToDict(one) for one in payloads]}
        answer = self.client.post(
            "/temporal/codec/decode?preserveStorageRefs=true", json=body, headers={"X-Namespace": namespace}
        )
        assert answer.status_code == 200, answer.text
        return [Parse(json.dumps(one), Payload()) for one in answer.json()["payloads"]]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Scene]:
    ring, rights, ui = Keyring.of_home(tmp_path), Rights(), Ui()
    ring.make()
    monkeypatch.setattr(temporal, "_client", lambda address: behind(ui))

    def guards(caller: Caller) -> Any:
        return Rights(temporal=False) if caller.principal.kind is PrincipalKind.ANONYMOUS else rights

    nothing: Any = None
    parts = Parts(
        clients=nothing,
        authenticator=Login(),
        changes=Still(),
        origin="http://x",
        guards=guards,
        temporal_ui="http://ui",
        codec=Codec(ring, "default", Owners()),
    )
    with TestClient[Litestar](create_app(parts, [temporal.decode, temporal.encode, temporal.temporal])) as client:
        yield Scene(client, rights, ring, ui)


def test_who_may_read_the_run_reads_its_payloads_without_their_seals(scene: Scene) -> None:
    scene.rights.readable = {"run:run/web/7"}
    (found,) = scene.decoded(scene.hidden("run/web/7", b'"it"'))
    assert (found.data, dict(found.metadata)) == (b'"it"', {"encoding": b"json/plain", "messageType": b"m"})


def test_each_payload_is_decided_for_itself_and_they_keep_their_order(scene: Scene) -> None:
    scene.rights.readable = {"run:run/web/7", "environment:production"}
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b"1")
    ids = ("run/web/7", "run/web/8", "environment/production", "probe/x")
    found = scene.decoded(*(scene.hidden(id_, id_.encode()) for id_ in ids), plain)
    assert [one.data for one in found] == [
        b"run/web/7",
        b'"encrypted (rbac/none)"',
        b"environment/production",
        b'"encrypted (default/deny)"',
        b"1",
    ]


def test_a_payload_that_is_renamed_to_what_one_may_read_stays_closed(scene: Scene) -> None:
    scene.rights.readable = {"run:run/web/7"}
    payload = scene.hidden("run/web/8", b"secret")
    payload.metadata["of"] = b"run/web/7"
    (found,) = scene.decoded(payload)
    assert found == payload


@pytest.mark.parametrize("namespace", ["", "other"])
def test_another_namespace_is_not_read(scene: Scene, namespace: str) -> None:
    scene.rights.readable = {"run:run/web/7"}
    (found,) = scene.decoded(scene.hidden("run/web/7", b"secret"), namespace=namespace)
    assert b"secret" not in found.data


def test_who_may_not_see_temporal_reads_nothing(scene: Scene) -> None:
    scene.rights.readable, scene.rights.temporal = {"run:run/web/7"}, False
    body = {"payloads": [MessageToDict(scene.hidden("run/web/7", b"secret"))]}
    for path in ("/temporal/codec/decode", "/temporal/codec/encode"):
        assert scene.client.post(path, json=body, headers=NAMESPACE).status_code == 403
        nobody = scene.client.post(path, json=body, headers={**NAMESPACE, "x-who": "nobody"})
        assert nobody.status_code in (401, 403)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b'{"payloads": 1}',
        b'{"payloads": [{"data": 1}]}',
        b'{"payloads": [{"metadata": []}]}',
        b"[" * 5000,
    ],
)
def test_what_is_no_list_of_payloads_is_refused_and_no_failure(scene: Scene, body: bytes) -> None:
    answer = scene.client.post("/temporal/codec/decode", content=body, headers=NAMESPACE)
    assert (answer.status_code, answer.json()["code"]) == (400, "SLW471")


def test_more_payloads_than_a_page_has_are_refused(scene: Scene) -> None:
    answer = scene.client.post(
        "/temporal/codec/decode", json={"payloads": [{}] * (MOST_PAYLOADS + 1)}, headers=NAMESPACE
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "SLW471")


def test_nothing_is_encrypted_for_anybody(scene: Scene) -> None:
    scene.ring.hide(True)
    given = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "MQ=="}]}
    assert scene.client.post("/temporal/codec/encode", json=given).json() == given


def test_a_decision_that_is_sent_through_the_ui_is_encrypted_on_its_way(scene: Scene) -> None:
    made = Codec(scene.ring, "default", Owners())
    assert base64.b64decode(str(made.argument("approval/web/7/ok", b"{}")["data"])) == b"{}"
    scene.ring.hide(True)
    payload = Parse(json.dumps(made.argument("approval/web/7/ok", b"{}")), Payload())
    assert payload.data != b"{}"
    assert opened(scene.ring, "default", payload).data == b"{}"


def test_the_ui_is_told_where_the_codec_is_once_there_is_something_to_read(scene: Scene) -> None:
    scene.ui.body = b'{"Version": "2", "Codec": {"Endpoint": ""}}'
    path = "/temporal/api/v1/settings"
    assert scene.client.get(path).json()["Codec"] == {"Endpoint": ""}
    for hides in (True, False):  # what was encrypted is still read
        scene.ring.hide(hides)
        found = scene.client.get(path).json()
        assert (found["Codec"]["Endpoint"], found["Version"]) == ("/temporal/codec", "2")
