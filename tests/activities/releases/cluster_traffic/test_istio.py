"""Istio's Gateways: found by their pods' labels, and refused in words where they take no request of a service."""

import pytest

from activities.releases.routers.gateway_api.gateway import covers
from activities.releases.routers.istio.router import IstioRouter
from activities.releases.routers.port import Backend
from domain.clusters.beside import gateway
from domain.core.errors import SluicewayError
from tests.support.played_gateway import played_istio


@pytest.fixture
def played():
    return played_istio()


async def why_not(played, name="public") -> SluicewayError:
    router = IstioRouter(lambda cluster: played.api, played.plane)
    with pytest.raises(SluicewayError) as refused:
        await router.send_all(Backend(played.release("r1", gateway_name=name)))
    return refused.value


async def test_a_gateway_that_is_not_there_has_no_server_or_no_service_is_told_apart(played):
    assert (await why_not(played, "nowhere")).why == "it is not there"
    hosts = {"spec": {"servers": [{"port": {"number": 80, "protocol": "HTTP"}, "hosts": ["*.other.example"]}]}}
    played.api.edit("Gateway", "public", hosts, gateway.NAMESPACE, manager="test")
    assert (await why_not(played)).why == "no server of it takes shop.example"
    hosts["spec"]["servers"][0]["hosts"] = ["./*"]
    played.api.edit("Gateway", "public", hosts | {"spec": {**hosts["spec"], "selector": {"istio": "other"}}},
                    gateway.NAMESPACE, manager="test")  # fmt: skip
    assert (await why_not(played)).why == "it has no Service"


async def test_without_pods_there_are_no_counters_and_that_is_said(played):
    router = IstioRouter(lambda cluster: played.api, played.plane)
    old = Backend(played.release("r1", gateway_name="public"))
    await router.send_all(old)
    bare = {"endpoints": [{"addresses": ["10.1.0.0"], "conditions": {"ready": True}}]}
    played.api.edit("EndpointSlice", gateway.NAME, bare, gateway.NAMESPACE, manager="test")
    with pytest.raises(SluicewayError) as refused:
        await router.counters(old.deployment)
    assert refused.value.code == "SLW869"


@pytest.mark.parametrize(
    ("listener", "host", "taken"),
    [
        ("", "shop.example", True),
        ("shop.example", "shop.example", True),
        ("*.example", "preview.shop.example", True),
        ("*.example", "example", False),
        ("*.example", "shop.badexample", False),
        ("shop.example", "evil.example", False),
    ],
)
def test_a_listener_takes_the_hosts_of_its_name(listener, host, taken):
    assert covers(listener, host) is taken
