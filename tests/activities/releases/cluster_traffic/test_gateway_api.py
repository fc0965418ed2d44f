"""A weight counts when the data plane shows it: routes of a Gateway whose controller accepts at once and loads later."""

import asyncio
from dataclasses import replace

import pytest

from activities.releases.cluster_traffic.data_plane import DataPlane
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.port import Backend
from domain.core.errors import SluicewayError
from domain.releases.kubernetes.place import KubernetesSpec, Place
from domain.releases.kubernetes.traffic import ANNOTATION, read
from domain.releases.spec import Routing
from tests.support.played_gateway import NAMESPACE, PlayedGateway


class Accepted(DataPlane):
    """What others take for a sign: the controller's word."""

    async def shows(self, addresses, host, path, sign): ...

    async def reaches(self, addresses, host, path, version): ...


@pytest.fixture
def played():
    return PlayedGateway()


@pytest.fixture
def router(played):
    return GatewayApiRouter(lambda name: played.api, played.plane)


def backend(played, instance, routing=None):
    return Backend(played.release(instance, routing))


def stored(played, name="shop"):
    return read(played.api.get("", "HTTPRoute", name, NAMESPACE)["metadata"]["annotations"][ANNOTATION])


async def switched(played, router) -> set[str]:
    """Who answers in the moment in which a switch is said to have happened."""
    old, new = backend(played, "r1"), backend(played, "r2")
    await router.send_all(old)
    for process in played.processes:  # whatever sign is asked: every process has loaded the first version by now
        for _ in range(20):
            await played.request(type("To", (), {"host": process}), "shop.example", "/")
    await router.send_all(new)
    return await played.everywhere()


async def test_when_a_change_has_returned_no_router_process_leads_to_the_old_version(played, router):
    assert await switched(played, router) == {"shop-r2"}


async def test_what_the_api_accepts_is_a_false_sign(played):
    believing = GatewayApiRouter(lambda name: played.api, Accepted(played.request, played.clock))
    assert "shop-r1" in await switched(played, believing)


async def test_no_request_meets_a_version_whose_endpoints_a_router_does_not_know(played, router):
    old, new = backend(played, "r1"), backend(played, "r2")
    await router.send_all(old)
    await router.preview(new)
    for percent in (1, 50, 99.999):
        await router.split(new, old, percent)
    await router.send_all(new)
    assert not [cold for cold in played.colds if cold.startswith("shop.example")]
    assert stored(played).weights == {"r1": 0, "r2": 10_000}


async def test_two_workers_at_the_same_moment_lose_no_change(played, router):
    old = backend(played, "r1")
    other = GatewayApiRouter(lambda name: played.api, played.plane)
    await router.send_all(old)
    await asyncio.gather(router.preview(backend(played, "r2")), other.split(backend(played, "r3"), old, 10))
    assert set(stored(played).weights) == {"r1", "r2", "r3"}
    assert (stored(played).weights["r3"], stored(played).preview) == (1000, "r2")


async def test_another_worker_goes_on_from_what_the_route_says(played, router):
    old, new = backend(played, "r1"), backend(played, "r2")
    await router.split(new, old, 25)
    await GatewayApiRouter(lambda name: played.api, played.plane).remove(old.deployment)
    assert stored(played).weights == {"r2": 10_000}


async def test_who_has_changed_a_route_is_named_and_the_next_change_takes_it_back(played, router):
    old = backend(played, "r1")
    await router.send_all(old)
    assert await router.drift(old.deployment) == []
    played.api.edit("HTTPRoute", "shop", {"spec": {"hostnames": ["evil.example"]}}, NAMESPACE, manager="kubectl-edit")
    (named,) = await router.drift(old.deployment)
    assert "kubectl-edit" in named
    assert "hostnames" in named
    await router.send_all(old)
    assert await router.drift(old.deployment) == []


async def test_a_version_that_is_gone_from_the_cluster_leaves_the_route(played, router):
    old, new = backend(played, "r1"), backend(played, "r2")
    await router.send_all(old)
    await router.send_all(new)
    played.api.delete("v1", "Service", "shop-r1", NAMESPACE)
    await router.preview(backend(played, "r3"))
    assert set(stored(played).weights) == {"r2", "r3"}


@pytest.mark.parametrize("lost", ["r1", "r2"])
async def test_traffic_is_led_away_from_a_version_that_somebody_has_deleted(played, router, lost):
    one, two = backend(played, "r1"), backend(played, "r2")
    await router.send_all(one)
    await router.split(two, one, 50)
    played.api.delete("v1", "Service", f"shop-{lost}", NAMESPACE)
    left = two if lost == "r1" else one
    await router.preview(left)
    await router.send_all(left)
    assert await played.everywhere() == {f"shop-{left.deployment.instance}"}
    assert lost not in stored(played).weights


async def test_after_the_only_version_was_deleted_another_one_is_released(played, router):
    await router.send_all(backend(played, "r1"))
    played.api.delete("v1", "Service", "shop-r1", NAMESPACE)
    new = backend(played, "r2")
    await router.preview(new)
    await router.send_all(new)
    assert await played.everywhere() == {"shop-r2"}


async def test_the_last_version_takes_the_routes_with_it(played, router):
    new = backend(played, "r1")
    await router.preview(new)
    assert await router.remove(new.deployment) == new
    assert played.api.items("", "HTTPRoute", NAMESPACE) == []


async def test_a_preview_is_counted_apart_and_ends_with_its_version(played, router):
    new = backend(played, "r1")
    await router.preview(new)
    preview = played.api.get("v1", "Service", "shop-r1-preview", NAMESPACE)
    own = played.api.get("v1", "Service", "shop-r1", NAMESPACE)
    assert preview["spec"]["selector"] == own["spec"]["selector"]
    assert preview["metadata"]["labels"] == own["metadata"]["labels"]
    assert router.address(new.deployment, preview=True) == "http://preview.shop.example"
    assert (await router.get(router.address(new.deployment, preview=True), "/")).text == "shop-r1-preview"


async def refused(call) -> str:
    with pytest.raises(SluicewayError) as caught:
        await call
    return caught.value.code


async def test_what_is_wrong_with_a_gateway_has_a_code(played, router):
    new = backend(played, "r1")
    missing = Backend(played.deployment("r1", gateway_name="nowhere"))
    assert await refused(router.send_all(missing)) == "SLW860"
    played.programmed("False")
    assert await refused(router.send_all(new)) == "SLW860"


async def test_an_environment_without_a_gateway_or_a_host_is_refused(played, router):
    made = played.release("r1")
    for place in (Place(cluster="c", namespace=NAMESPACE, host="a.example"), Place(cluster="c", namespace=NAMESPACE)):
        spec = replace(made.spec, kubernetes=KubernetesSpec(place=place))
        assert await refused(router.send_all(Backend(replace(made, spec=spec)))) == "SLW860"


async def test_a_feature_that_the_class_lacks_is_refused_before_anything_is_written(played, router):
    mirrored = backend(played, "r2", Routing(mirror_percent=10))
    assert await refused(router.preview(mirrored)) == "SLW877"
    assert played.api.items("", "HTTPRoute", NAMESPACE) == []


async def test_what_a_gateway_cannot_is_known_before_a_release_touches_anything(played, router):
    assert await router.refusals(played.deployment("r1")) == []
    (mirror,) = await router.refusals(played.deployment("r1", Routing(mirror_percent=10)))
    assert "HTTPRouteRequestMirror" in mirror
    (missing,) = await router.refusals(played.deployment("r1", gateway_name="nowhere"))
    assert "there is none of this name" in missing
    assert not played.api.items("", "HTTPRoute", NAMESPACE)


async def test_a_route_that_is_not_accepted_and_one_that_is_never_loaded_are_told_apart(played, router):
    new = backend(played, "r1")
    played.api.refusing = "NotAllowedByListeners"
    assert await refused(router.send_all(new)) == "SLW862"
    played.api.refusing = ""
    for process in played.processes.values():
        process.lag = 10_000
    assert await refused(router.send_all(new)) == "SLW878"


async def test_a_version_without_a_service_gets_no_traffic(played, router):
    assert await refused(router.send_all(Backend(played.deployment("r9")))) == "SLW865"


async def test_writers_who_never_agree_are_told_so(played, router):
    new = backend(played, "r1")
    await router.send_all(new)
    apply = played.api.apply

    def contended(manifest, dry_run=False, **how):
        if manifest["kind"] == "HTTPRoute":
            played.api.edit("HTTPRoute", "shop", {"metadata": {"labels": {"a": "b"}}}, NAMESPACE, manager="other")
        return apply(manifest, dry_run, **how)

    played.api.apply = contended
    assert await refused(router.preview(new)) == "SLW879"


async def test_a_scanner_is_led_to_hosts_of_this_router_alone(played, router):
    await router.preview(backend(played, "r1"))
    address = router.address(played.release("r1"), preview=True)
    async with router.leading(address) as there:
        assert there.rpartition(":")[0] == "http://preview.shop.example"
    with pytest.raises(SluicewayError, match="no service's host"):
        async with router.leading("http://other.example"):
            pass
