"""A cluster without any such Gateway refuses a release in words, before anything is touched."""

import pytest

from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.istio.router import IstioRouter
from activities.releases.routers.port import Listened
from domain.core.errors import RefusedError, SluicewayError
from tests.support.played_gateway import PlayedGateway, played_istio


@pytest.mark.parametrize(("played", "of"), [(PlayedGateway, GatewayApiRouter), (played_istio, IstioRouter)])
async def test_a_cluster_that_does_not_know_the_kind_has_no_gateway_of_any_name(played, of):
    made = played()
    one = made.release("r1", gateway_name="public")
    get = made.api.get

    def given(api_version, kind, name, namespace=""):
        if kind == "Gateway":
            raise SluicewayError("SLW944", f"the cluster does not know {kind} ({api_version})")
        return get(api_version, kind, name, namespace)

    made.api.get = given
    router = of(lambda name: made.api, made.plane)
    (why,) = await router.refusals(one)
    assert "the Gateway sluiceway/public cannot carry the service's traffic: the cluster does not know Gateway" in why
    assert await router.listened(one) == Listened()
    with pytest.raises(RefusedError, match="SLW860"):
        await router.restore(one)
