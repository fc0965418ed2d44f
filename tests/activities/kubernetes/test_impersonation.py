"""Requests in a person's name: every one has the headers, and none of the engine's own has any."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from activities.authority.everything import Everything
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import MOST_PEOPLE, Kubes
from activities.kubernetes.impersonation import Acting, capability
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.port import ApplyApi
from activities.pods.objects import ObjectActivities
from activities.pods.port import ObjectWish
from activities.pods.reading import KubeReader
from domain.access.principal import Principal, PrincipalKind
from domain.authority.permit import Effect, Permit
from domain.clusters.access import Access
from domain.clusters.impersonation import Impersonated
from domain.core.errors import RefusedError, SluicewayError
from domain.pods.object_action import ObjectAction
from tests.support.exec_server import kubeconfig

ANN = Impersonated("sluiceway:ann", ("sluiceway:leads", "sluiceway:ops"))
NAMES = [("Impersonate-User", ANN.user), *(("Impersonate-Group", group) for group in ANN.groups)]
NO = 'pods "web" is forbidden: User "sluiceway:ann" cannot get resource "pods/log" in the namespace "shop"'


class Played(ThreadingHTTPServer):
    """Answers everything, and forbids logs; `names` are the headers that say in whose name it was asked."""

    names: list[tuple[str, list[tuple[str, str]]]]
    allowed = False

    def kube(self, folder: Path, person: Impersonated | None = None) -> Kube:
        text = json.dumps(kubeconfig(f"http://127.0.0.1:{self.server_port}"))
        return Kube(Access("played"), folder / "discovery.json", text, person=person)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.told()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.told()

    def told(self) -> None:
        server = cast(Played, self.server)
        named = [(key, value) for key, value in self.headers.items() if key.lower().startswith("impersonate-")]
        server.names.append((self.path, named))
        known = {
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [],
            "gitVersion": "v1.35.0",
            "status": {"allowed": server.allowed},
        }
        body = json.dumps({"message": NO, "code": 403} if "/log" in self.path else known).encode()
        self.send_response(403 if "/log" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def played() -> Iterator[Played]:
    with Played(("127.0.0.1", 0), Answers) as server:
        server.names = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_every_request_in_somebodys_name_says_so_and_no_request_of_the_engine_does(
    played: Played, tmp_path: Path
) -> None:
    theirs, ours = played.kube(tmp_path, ANN), played.kube(tmp_path)
    theirs.raw("/readyz")
    assert theirs.denied({"verb": "delete", "resource": "pods"})
    assert [named for _, named in played.names] == [NAMES] * len(played.names)
    played.names.clear()
    ours.raw("/readyz")
    assert ours.denied({"verb": "delete", "resource": "pods"})
    assert [named for _, named in played.names] == [[]] * len(played.names)


def test_the_log_is_read_in_the_name_of_who_reads_it_and_rbac_that_refuses_it_is_no_fault_of_the_engine(
    played: Played, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="SLW974"):
        KubeReader(played.kube(tmp_path), played.kube(tmp_path, ANN)).log("shop", "web", "main")
    assert played.names[-1][1] == NAMES
    with pytest.raises(SluicewayError, match="SLW943"):
        KubeReader(played.kube(tmp_path)).log("shop", "web", "main")
    assert played.names[-1][1] == []


def test_a_credential_that_may_not_impersonate_is_told_with_its_fix(played: Played, tmp_path: Path) -> None:
    assert "SLW975" in capability(played.kube(tmp_path))
    played.allowed = True
    assert "SLW975" not in capability(played.kube(tmp_path))


def test_a_cluster_says_at_its_address_that_people_act_as_themselves_and_no_message_does(tmp_path: Path) -> None:
    book, ann = AddressBook(tmp_path), Principal(kind=PrincipalKind.PERSON, name="ann", groups=("ops", "leads"))
    book.remember("edge", Access("file:/k"), impersonate=True)
    book.remember("lab", Access("file:/k"))
    assert book.find("edge") == book.find("lab") == Access("file:/k")
    assert (book.person("edge", ann), book.person("lab", ann), book.person("edge", None)) == (ANN, None, None)
    with pytest.raises(SluicewayError, match="SLW952"):
        book.person("gone", ann)


def test_an_effect_has_the_hands_of_who_ordered_it_as_the_signer_says(tmp_path: Path) -> None:
    book, opened = AddressBook(tmp_path), list[tuple[str, Impersonated]]()
    book.remember("edge", Access("file:/k"), impersonate=True)

    def open_(access: Access, cluster: str, person: Impersonated) -> ApplyApi:
        opened.append((cluster, person))
        return cast(ApplyApi, object())

    hands = Acting(book, open_).hands
    by_hand = Permit(effect=Effect.CLUSTER, subject="edge", digest="d")
    assert hands("edge", by_hand) is None
    assert hands("edge", Permit(**{**vars(by_hand), "person": "person:ann", "groups": ("leads", "ops")}))
    assert opened == [("edge", ANN)]


def test_an_object_is_looked_at_by_the_engine_and_changed_by_the_person(tmp_path: Path) -> None:
    book, done = AddressBook(tmp_path), list[str]()
    book.remember("edge", Access("file:/k"), impersonate=True)
    own = SimpleNamespace(get=lambda *_: {"metadata": {"uid": "u1"}})
    theirs = SimpleNamespace(delete=lambda *_, uid: done.append(uid))
    made = ObjectActivities(
        lambda access, cluster: own,
        book,
        permits=Everything(),
        hands=lambda cluster, permit: theirs,
    )
    wish = ObjectWish("edge", ObjectAction.DELETE, "Pod", "shop", "web", "u1", "")
    assert not made._act(wish).refusal
    assert done == ["u1"]


def test_clients_of_people_are_kept_apart_and_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = list[Kube]()
    monkeypatch.setattr(Kube, "close", lambda kube: closed.append(kube))
    kubes, access = Kubes(tmp_path), Access("file:/k")
    own, first = kubes.open(access, "edge"), kubes.open(access, "edge", ANN)
    assert (own.person, first.person) == (None, ANN)
    assert kubes.open(access, "edge", ANN) is first
    assert kubes.open(access, "edge") is own
    for number in range(MOST_PEOPLE):
        kubes.open(access, "edge", Impersonated(f"sluiceway:{number}"))
    assert closed == [first]
