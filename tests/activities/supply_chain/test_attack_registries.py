"""Who names an image in a commit makes the worker ask nothing inside of its machine or network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from activities.access.environments import rules_of
from activities.storage.stores.folder import FolderStore
from activities.supply_chain import oras_client, tags
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.image_admission import ImageAdmissionActivities
from activities.supply_chain.port import ImageQuestion
from activities.supply_chain.signing import FileSigner
from domain.core.errors import RefusedError, SluicewayError
from tests.activities.supply_chain.test_tags import DIGEST, Played
from workers.core.records import Records


@pytest.fixture
def inside() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine that would answer, and what it was asked."""

    class Handler(Played):
        asked = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port, Handler.asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1.2.3", "2130706433", "0.0.0.0"])
def test_a_port_of_the_worker_is_not_asked_under_any_name(host: str, inside: tuple[int, list[str]]):
    port, asked = inside
    with pytest.raises(RefusedError, match="nobody can say"):
        tags.resolved(f"{host}:{port}/x:1")
    assert asked == []


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "10.0.0.1", "192.168.1.1:5000", "[fd00::1]:5000", "[fe80::1]:5000", "100.100.100.200"]
)
def test_no_address_inside_is_asked(host: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket.socket, "connect", _never)
    with pytest.raises(RefusedError) as refused:
        tags.resolved(f"{host}/x:1")
    assert "may not be asked" in refused.value.why
    assert "registries" in refused.value.advice


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]:80"])
def test_metadata_is_not_asked_whoever_registered_it(host: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket.socket, "connect", _never)
    with pytest.raises(SluicewayError) as refused:
        tags.resolved(f"{host}/x:1", [host])
    assert "metadata" in refused.value.why


def test_a_name_that_means_an_address_inside_is_not_asked(inside: tuple[int, list[str]], monkeypatch: Any):
    monkeypatch.setattr(socket, "getaddrinfo", _answering(["127.0.0.1"]))
    with pytest.raises(RefusedError, match="nobody can say"):
        tags.resolved(f"shop.example:{inside[0]}/x:1")
    assert inside[1] == []


def test_a_name_that_means_another_address_once_it_was_looked_at_gets_no_byte(
    inside: tuple[int, list[str]], monkeypatch: Any
):
    monkeypatch.setattr(socket, "getaddrinfo", _answering(["8.8.8.8", "8.8.8.8", "127.0.0.1"]))
    monkeypatch.setattr(oras_client, "on_this_machine", lambda host: True)  # in plain words a byte would be seen
    with pytest.raises(SluicewayError) as refused:
        tags.resolved(f"shop.example:{inside[0]}/x:1")
    assert "127.0.0.1 is not public" in refused.value.why
    assert inside[1] == []


async def test_the_registered_environment_names_registries_inside_and_no_commit_does(
    inside: tuple[int, list[str]], tmp_path: Any
):
    host = f"127.0.0.1:{inside[0]}"
    approval = {"users": [], "groups": [], "quorum": 0, "per_group": {}, "max_expires": 0, "allow": {}}
    body: dict[str, Any] = {"trust": "open", "approval": approval, "images": {"registries": [host]}}
    attestor = Attestor(
        FileSigner.made(tmp_path / "key"), Records.at(tmp_path / "db").attestations, FolderStore(tmp_path / "s")
    )
    one = ImageAdmissionActivities(lambda name: rules_of(name, body, opened=False).images, attestor)
    asked = ImageQuestion(f"{host}/x:1", "production", "run/web/7", daemon=False, job="ship")
    assert (await one.admit(asked)).image == f"{host}/x@{DIGEST}"
    body["images"] = {}
    assert "may not be asked" in (await one.admit(asked)).refusal


def _never(*_: object) -> None:
    raise AssertionError("it was connected to")


def _answering(answers: list[str]) -> Any:
    """Each look-up has the next answer, and the last one stays."""

    def found(host: str, port: object, *_: object, **__: object) -> list[Any]:
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, int(str(port or 0))))]

    return found
