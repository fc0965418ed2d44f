"""How an API server is asked, and what its answers mean."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.inventory import connection
from activities.inventory.certificates import certificates
from activities.inventory.connection import AwayError, BusyError, Connection, RefusedKindError, TooLargeError
from activities.kubernetes.client import Kube
from activities.kubernetes.port import GoneError
from domain.clusters.access import Access
from tests.support.played_cluster import PATHS, PlayedCluster


@pytest.fixture
async def played():
    async with PlayedCluster.here() as cluster:
        yield cluster


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AwayError),
        (403, RefusedKindError),
        (404, RefusedKindError),
        (410, GoneError),
        (429, BusyError),
        (503, BusyError),
    ],
)
async def test_a_status_says_what_it_means(played, status, error):
    played.refused = {PATHS["Pod"]: status}
    async with Connection(played.kube()) as api:
        with pytest.raises(error):
            await api.get(PATHS["Pod"])


async def test_a_body_that_is_too_large_is_not_kept(played):
    played.bodies = {PATHS["Pod"]: b"x" * 1000}
    async with Connection(played.kube()) as api:
        with pytest.raises(TooLargeError):
            await api.get(PATHS["Pod"], most=100)


async def test_a_server_that_is_not_there_is_away():
    played = PlayedCluster()
    played.port = 1
    async with Connection(played.kube()) as api:
        with pytest.raises(AwayError, match="does not respond"):
            await api.get("/version")


async def test_an_event_comes_whole_however_it_is_cut(played):
    await played.put("Namespace", "one")
    async with Connection(played.kube()) as api:
        query = {"watch": "true", "resourceVersion": "0"}
        async for line in api.lines(PATHS["Namespace"], query, 5, lambda: None):
            assert json.loads(line)["object"]["metadata"]["name"] == "one"
            break


async def test_a_program_that_gives_no_credential_is_trouble(played, monkeypatch):
    def broken(settings):
        raise RuntimeError("the plugin has crashed")

    kube = played.kube()
    kube.api.configuration.refresh_api_key_hook = broken
    async with Connection(kube) as api:
        with pytest.raises(AwayError, match="credential"):
            await api.get("/version")


async def test_a_kubeconfig_that_is_none_is_trouble():
    with pytest.raises(AwayError, match="not a usable kubeconfig"):
        async with Connection(Kube(Access("played"), Path("/nonexistent"), "nothing: [")):
            pass


def certificate():
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a cluster")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return made.sign(key, hashes.SHA256())


def test_certificates_are_told_with_their_end(tmp_path):
    one = certificate()
    (tmp_path / "client.pem").write_bytes(one.public_bytes(serialization.Encoding.PEM))
    found = certificates(one.public_bytes(serialization.Encoding.DER), str(tmp_path / "client.pem"))

    assert [(each.name, each.until, each.issuer) for each in found] == [
        ("API server", 1767312000.0, "CN=a cluster"),
        ("kubeconfig", 1767312000.0, "CN=a cluster"),
    ]
    assert certificates(b"nothing", "/nonexistent") == ()


def test_words_of_a_refusal_are_the_servers_and_short():
    assert connection.words(403, b'{"message": "pods is forbidden"}') == "403: pods is forbidden"
    assert len(connection.words(500, b"x" * 9000)) < 310


async def test_an_answer_that_never_is_whole_is_none(played):
    """A server that sends a byte now and then would hold the turn of others' pages for ever."""
    async with Connection(played.kube()) as api:
        api.whole_s = 0
        with pytest.raises(AwayError, match="does not respond"):
            await api.get(PATHS["Pod"])
