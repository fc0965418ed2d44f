"""The preflight sees what clients of a listener would: a certificate that serves the host, or why there is none."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.istio.router import IstioRouter
from activities.releases.routers.port import Listened, Listens
from domain.clusters.beside import gateway
from domain.core.documents import Manifest, Node
from domain.core.errors import SluicewayError
from tests.support.played_gateway import PlayedGateway, played_istio

KEY = ec.generate_private_key(ec.SECP256R1())
DAY_S = 86_400


@pytest.fixture
def played():
    return PlayedGateway()


def certificate(played, *names, days=90, begins=-1):
    """As a Secret has it; `days`: how long it is valid from now."""
    now = datetime.fromtimestamp(played.clock.now(), UTC)
    name = x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key()).serial_number(1)
    made = made.not_valid_before(now + timedelta(days=begins)).not_valid_after(now + timedelta(days=days))
    if names:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    pem = made.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return {"tls.crt": base64.b64encode(pem).decode()}


def secret(played, data, name="cert", space=gateway.NAMESPACE):
    played.api.apply(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": space}, "data": data}
    )


def listener(hostname="", *secrets, name="https", port=443):
    refs = [{"name": one} for one in secrets or ("cert",)]
    return {"name": name, "protocol": "HTTPS", "port": port, "hostname": hostname, "tls": {"certificateRefs": refs}}


async def listened(played, *listeners, status=()):
    said = {"spec": {"listeners": list(listeners or [listener()])}, "status": {"listeners": list(status)}}
    played.api.edit("Gateway", gateway.NAME, said, gateway.NAMESPACE, manager="admin")
    router = GatewayApiRouter(lambda name: played.api, played.plane)
    assert isinstance(router, Listens)
    return await router.listened(played.deployment("r1"))


def answering(played, refused, status):
    """The API refuses to give objects of a kind."""
    get = played.api.get

    def given(api_version, kind, name, namespace=""):
        if kind == refused:
            raise SluicewayError("SLW943", "no", status=status)
        return get(api_version, kind, name, namespace)

    played.api.get = given


@pytest.mark.parametrize("name", ["shop.example", "*.example", "SHOP.example"])
async def test_a_certificate_that_serves_the_host_is_no_matter(played, name):
    secret(played, certificate(played, "other.example", name))
    assert await listened(played) == Listened()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (None, "none of this name"),
        ({}, "holds no certificate"),
        ({"tls.crt": "?"}, "holds no certificate"),
        (
            {"tls.crt": base64.b64encode(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----").decode()},
            "holds no",
        ),
        ({"tls.crt": ["x"]}, "holds no certificate"),
        ([], "holds no certificate with names"),
        (["other.example"], "not for shop.example"),
        (["*.shop.example"], "not for shop.example"),
    ],
)
async def test_a_certificate_that_serves_nobody_is_refused_with_code_and_fix(played, data, word):
    if data is not None:
        secret(played, certificate(played, *data) if isinstance(data, list) else data)
    found = await listened(played)
    (refusal,) = found.refusals
    assert word in refusal
    assert refusal.startswith("SLW870: listener https of sluiceway/edge does not serve shop.example")
    assert "to fix it" in refusal


async def test_one_that_has_ended_or_not_begun_is_refused_and_one_that_ends_soon_is_told(played):
    secret(played, certificate(played, "shop.example", days=-1, begins=-9))
    assert "it ended on" in (await listened(played)).refusals[0]
    secret(played, certificate(played, "shop.example", begins=2))
    assert "it begins on" in (await listened(played)).refusals[0]
    secret(played, certificate(played, "shop.example", days=6))
    found = await listened(played)
    assert (found.refusals, len(found.notes)) == ((), 1)
    assert "it ends on" in found.notes[0]


async def test_one_of_several_certificates_is_enough(played):
    secret(played, certificate(played, "other.example"))
    secret(played, certificate(played, "shop.example"), "second")
    assert await listened(played, listener("", "cert", "second")) == Listened()


async def test_the_listener_that_says_most_of_the_host_takes_its_requests(played):
    secret(played, certificate(played, "shop.example"))
    secret(played, certificate(played, "old.example", days=-1, begins=-9), "old")
    near, far = listener("shop.example", name="near"), listener("*.example", "old", name="far")
    for order in ((near, far, listener("", "old")), (listener("", "old"), far, near)):
        assert await listened(played, *order) == Listened()
    assert "far" in (await listened(played, far)).refusals[0]
    assert (await listened(played, near, {**far, "port": 8443})).refusals


async def test_listeners_for_others_and_without_tls_are_not_looked_at(played):
    other, plain = listener("other.example", "nowhere"), {"name": "http", "protocol": "HTTP", "port": 80}
    assert await listened(played, other, plain) == Listened()


async def test_where_secrets_may_not_be_read_the_controller_s_word_is_told_as_such(played):
    secret(played, certificate(played, "other.example"))
    answering(played, "Secret", 403)
    found = await listened(played)
    assert found.refusals == ()
    assert "may not be read here" in found.notes[0]
    said = {"type": "ResolvedRefs", "status": "False", "reason": "InvalidCertificateRef", "message": "no such Secret"}
    found = await listened(played, status=[{"name": "https", "conditions": [said]}])
    assert "InvalidCertificateRef" in found.refusals[0]


async def test_an_api_that_does_not_answer_is_no_certificate_that_serves(played):
    answering(played, "Gateway", 503)
    router = GatewayApiRouter(lambda name: played.api, played.plane)
    with pytest.raises(SluicewayError, match="SLW943"):
        await router.listened(played.deployment("r1"))


async def test_without_a_gateway_there_is_nothing_to_say(played):
    router = GatewayApiRouter(lambda name: played.api, played.plane)
    assert await router.listened(played.deployment("r1", gateway_name="nowhere")) == Listened()
    assert await router.listened(played.deployment("r1", gateway_name="")) == Listened()


async def test_the_secret_of_an_istio_gateway_is_beside_its_pods():
    played = played_istio()
    router = IstioRouter(lambda name: played.api, played.plane)
    one = played.release("r1", gateway_name="public")
    assert await router.listened(one) == Listened()
    spec = Node(played.api.get("", "Gateway", "public", gateway.NAMESPACE))["spec"].object()
    server: Manifest = {"port": {"number": 443, "protocol": "HTTPS", "name": "web"}, "hosts": ["*.example"]}
    tls: Manifest = {"spec": {**spec, "servers": [{**server, "tls": {"mode": "SIMPLE", "credentialName": "cert"}}]}}
    played.api.edit("Gateway", "public", tls, gateway.NAMESPACE, manager="admin")
    (refusal,) = (await router.listened(one)).refusals
    assert "server web of sluiceway/public" in refusal
    assert "there is none of this name" in refusal
