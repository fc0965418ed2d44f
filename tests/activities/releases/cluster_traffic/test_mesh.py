"""A mesh: its probe pod lives while there is something to change, and what it cannot do is said before a release starts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.routers.linkerd.probe_pod import ProbePod, answer
from activities.releases.routers.linkerd.router import IN_THE_MESH, MAX_CLIENTS, SETTLE_S
from activities.releases.routers.port import Backend
from domain.core.errors import SluicewayError
from domain.releases.spec import Routing
from tests.support.played_gateway import NAMESPACE
from tests.support.played_mesh import PlayedMesh

TO = RouterAddress(f"{NAMESPACE}/shop-probe", 8080, shared=False)


@pytest.fixture
def played():
    return PlayedMesh()


def probe(played):
    return played.api.get("v1", "Pod", "shop-probe", NAMESPACE)


async def test_a_probe_pod_is_there_while_there_are_two_versions(played):
    router, old, new = played.router(), *(Backend(played.release(one)) for one in ("r1", "r2"))
    await router.send_all(old)
    assert probe(played) is None
    await router.preview(new)
    await router.split(new, old, 10)
    assert probe(played)
    await router.send_all(new)
    await router.remove(old.deployment)
    assert probe(played) is None


async def test_proxies_of_clients_have_their_time_after_that_of_the_probe(played):
    before = played.clock.now()
    await played.router().send_all(Backend(played.release("r1")))
    assert played.clock.now() - before >= SETTLE_S


async def test_a_probe_pod_that_has_ended_is_made_anew(played):
    router, old, new = played.router(), *(Backend(played.release(one)) for one in ("r1", "r2"))
    await router.send_all(old)
    await router.preview(new)
    played.api.edit("Pod", "shop-probe", {"status": {"phase": "Failed"}}, NAMESPACE, manager="kubelet")
    await router.split(new, old, 10)
    assert probe(played)["status"]["phase"] == "Running"


@pytest.mark.parametrize(("lacks", "code"), [("proxied", "SLW860"), ("starts", "SLW861")])
async def test_a_probe_pod_without_a_proxy_or_that_does_not_start_is_told_apart(played, lacks, code):
    setattr(played.api, lacks, False)
    with pytest.raises(SluicewayError) as refused:
        await played.router().send_all(Backend(played.release("r1")))
    assert refused.value.code == code
    assert played.api.items("", "HTTPRoute", NAMESPACE) == []


async def test_what_a_mesh_cannot_and_a_missing_image_are_refused_before_anything_is_touched(played):
    asked = played.deployment("r1", Routing(mirror_percent=10, sticky=True))
    assert await played.router().refusals(asked) == ["routing: the router lacks a mirror, sticky clients"]
    bare = super(PlayedMesh, played).deployment("r1")
    assert any("no image" in why for why in await played.router().refusals(bare))
    assert played.api.items("", "HTTPRoute", NAMESPACE) == []


async def test_more_clients_than_can_be_read_are_refused_with_their_number(played):
    for number in range(MAX_CLIENTS):
        about = {"name": f"more-{number}", "namespace": NAMESPACE, "labels": {IN_THE_MESH: "linkerd"}}
        spec = {"containers": [{"name": "main", "image": "i"}]}
        played.api.apply({"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": spec})
    with pytest.raises(SluicewayError) as refused:
        await played.router().counters(played.deployment("r1"))
    assert str(MAX_CLIENTS + 1) in refused.value.why


@given(st.binary(max_size=300))
def test_whatever_comes_back_is_an_answer_or_an_error(came):
    found = answer(came)
    assert bool(found.error) != (100 <= found.status <= 999)


@pytest.mark.parametrize(
    ("came", "status", "text"),
    [
        (b"HTTP/1.1 200 OK\r\nx: y\r\n\r\nr2", 200, "r2"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://a.sluiceway.invalid/\r\n\r\nbody",
            302,
            "http://a.sluiceway.invalid/",
        ),
        (b"HTTP/1.1 503\r\n\r\n", 503, ""),
    ],
)
def test_an_answer_is_read_with_a_redirect_s_location(came, status, text):
    found = answer(came)
    assert (found.status, found.text, found.error) == (status, text, "")


async def test_a_request_is_one_line_of_http_and_a_path_cannot_add_another():
    asked = []

    def say(*what):
        asked.append(what)
        return b"HTTP/1.1 200 OK\r\n\r\nr1"

    pod = ProbePod(say)
    assert (await pod(TO, "shop.prod.svc", "/a", "r1")).text == "r1"
    ((where, host, port, sent),) = asked
    assert (where, host, port) == (TO.host, "shop.prod.svc", 8080)
    assert sent.startswith(b"GET /a HTTP/1.1\r\nHost: shop.prod.svc:8080\r\n")
    assert b"\r\nx-sluiceway-version: r1\r\n" in sent
    assert (await pod(TO, "shop.prod.svc", "/a HTTP/1.1\r\nx: y")).error
    assert len(asked) == 1
