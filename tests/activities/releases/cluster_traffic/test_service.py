"""Plain Services as a router: who is chosen is exact; what a Service cannot is refused, and nothing is said to be sure."""

import pytest

from activities.releases.routers.port import Backend
from activities.releases.routers.service import SETTLE_S, ServiceRouter
from domain.core.errors import SluicewayError
from domain.releases.capabilities import Capability
from domain.releases.kubernetes import naming
from tests.support.played_services import NAMESPACE, PlayedServices


@pytest.fixture
def played():
    return PlayedServices()


@pytest.fixture
def router(played):
    return ServiceRouter(lambda name: played.api, played.clock)


async def test_a_split_goes_to_the_pods_of_both_and_a_switch_to_those_of_one(played, router):
    old, new = Backend(played.release("r1")), Backend(played.release("r2"))
    await router.send_all(old)
    assert played.api.behind("shop") == {"r1"}
    await router.split(new, old, 50)
    assert played.api.behind("shop") == {"r1", "r2"}
    await router.send_all(new)
    assert played.api.behind("shop") == {"r2"}


async def test_a_split_that_would_reach_a_third_version_is_refused(played, router):
    old, new = Backend(played.release("r1")), Backend(played.release("r2"))
    await router.send_all(old)
    played.release("r0")
    with pytest.raises(SluicewayError, match="pods of shop-r0"):
        await router.split(new, old, 50)
    assert played.api.behind("shop") == {"r1"}


async def test_versions_at_different_ports_cannot_share_a_service(played, router):
    old, new = Backend(played.release("r1")), Backend(played.release("r2", port=9090))
    await router.send_all(old)
    with pytest.raises(SluicewayError, match="different ports"):
        await router.split(new, old, 50)


async def test_every_change_waits_since_nothing_shows_that_it_is_in_force(played, router):
    old, before = Backend(played.release("r1")), played.clock.now()
    await router.send_all(old)
    assert played.clock.now() - before >= SETTLE_S
    assert Capability.CONFIRM not in router.capabilities
    assert Capability.COUNTERS not in router.capabilities


async def test_a_preview_ends_with_the_version_that_had_it(played, router):
    old, new = Backend(played.release("r1")), Backend(played.release("r2"))
    await router.send_all(old)
    await router.preview(new)
    assert (await router.get(router.address(new.deployment, preview=True), "/")).text == "r2"
    await router.remove(new.deployment)
    assert played.api.get("v1", "Service", "shop-preview", NAMESPACE) is None


async def test_after_the_only_version_was_deleted_another_one_is_released(played, router):
    await router.send_all(Backend(played.release("r1")))
    played.api.delete("v1", "Service", "shop-r1", NAMESPACE)
    new = Backend(played.release("r2"))
    await router.preview(new)
    await router.send_all(new)
    assert played.api.behind("shop") == {"r2"}


async def test_who_has_changed_the_service_is_named(played, router):
    old = Backend(played.release("r1"))
    await router.send_all(old)
    selector = {"spec": {"selector": {"sluiceway.dev/release": "another"}}}
    played.api.edit("Service", "shop", selector, NAMESPACE, manager="kubectl-edit")
    (named,) = await router.drift(old.deployment)
    assert "kubectl-edit" in named


async def test_a_path_of_a_definition_leads_to_its_service_and_never_into_the_api(played, router):
    new = Backend(played.release("r1"))
    await router.send_all(new)
    asked: list[str] = []

    def raw(path: str) -> str:
        asked.append(path)
        return "s3cret"

    played.api.raw = raw
    address = router.address(new.deployment)
    for path in ("/../../../secrets/shop-r1-env", "/%2e%2e/%2e%2e/secrets", "@evil/"):
        assert (await router.get(address, path)).error
    assert asked == []


async def test_a_service_that_is_gone_leads_to_what_is_live_again_and_one_that_was_changed_is_as_it_was(played, router):
    old = played.release("r1")
    await router.send_all(Backend(old))
    played.api.delete("v1", "Service", "shop", NAMESPACE)
    assert await router.is_gone(old)
    await router.lead_again(old)
    assert (await router.is_gone(old), played.api.behind("shop")) == (False, {"r1"})
    played.api.edit("Service", "shop", {"spec": {"selector": {naming.RELEASE: "x"}}}, NAMESPACE, manager="kubectl-edit")
    assert "kubectl-edit" in (await router.drift(old))[0]
    await router.restore(old)
    assert (await router.drift(old), played.api.behind("shop")) == ([], {"r1"})
    played.api.edit("Service", "shop", {"spec": {"selector": {"app": "evil"}}}, NAMESPACE, manager="kubectl-edit")
    assert played.api.behind("shop") == set()
    assert await router.drift(old) == ["Service shop: it selects by app as well, by whoever"]
    await router.restore(old)
    assert (await router.drift(old), played.api.behind("shop")) == ([], {"r1"})
