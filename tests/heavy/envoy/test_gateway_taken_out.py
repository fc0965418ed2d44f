"""A cluster whose definition names no gateway any more has nothing of it; with one it serves as before, another one, too."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest

from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.istio.router import IstioRouter
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.clusters import metadata, plan
from domain.clusters.parts import LABEL
from domain.clusters.plan import Phase, Verb
from tests.support.cluster_phases import carry_out, wait

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(170)]
BARE = {"registry": "docker-registry"}
ROUTERS = ("gateway-api", "istio")


@pytest.fixture
async def versions(envoy):
    """One of a service for each kind of route."""
    image = envoy.image(VERSION="1")
    made = {router: envoy.deployment("r1", image, f"apart-{router}", instances=1) for router in ROUTERS}
    return {router: replace(one, spec=replace(one.spec, router=router)) for router, one in made.items()}


@pytest.fixture
async def target(envoy, versions, tmp_path):
    """Where both have their requests."""

    def reach(name):
        return envoy.kube

    routers = {"gateway-api": GatewayApiRouter(reach), "istio": IstioRouter(reach)}
    made = KubernetesTarget(reach, FolderStore(tmp_path / "store"), routers)
    for one in versions.values():
        await made.start(one)
        await made.route(one)
    yield made
    for one in versions.values():
        await made.stop(one)


async def test_istio_goes_with_all_that_is_its_own_and_a_release_that_needs_it_is_refused_in_words(
    envoy, target, versions
):
    updated(envoy.provider, replace(envoy.spec, parts=BARE))

    assert [one.name for one in envoy.provider.existing(envoy.spec) if one.kind == plan.PART] == ["registry"]
    assert [one.name for one in envoy.programs.folder.glob("istio-*") if envoy.programs.runs(one.name)] == []
    routes = ["httproutes.gateway.networking.k8s.io", "virtualservices.networking.istio.io"]
    wait(lambda: of_gateway(envoy.kube) == routes, lambda: of_gateway(envoy.kube))
    for one in versions.values():
        (why,) = (await target.preflight(one, None)).refusals
        assert "the Gateway sluiceway/edge cannot carry the service's traffic: the cluster does not know" in why

    updated(envoy.provider, envoy.spec)
    for router, one in versions.items():
        wait(partial(answered, envoy, router), lambda: "a route that stayed is not served again")
        assert (await target.preflight(one, None)).refusals == ()
        await target.route(one)


async def test_another_router_takes_its_place_in_one_update_and_gives_it_back(envoy, target):
    updated(envoy.provider, replace(envoy.spec, parts={**BARE, "gateway": "traefik"}))
    wait(partial(answered, envoy, "gateway-api"), lambda: "the other router does not serve the route")
    updated(envoy.provider, envoy.spec)
    for router in ROUTERS:
        wait(partial(answered, envoy, router), lambda: "it is not served again")


def updated(provider, spec):
    """As an edited definition is applied: the phases in which something changes."""
    changed = {
        one.phase
        for one in plan.difference(list(plan.items(spec)), provider.existing(spec))
        if one.verb is not Verb.KEEP
    }
    assert changed == {Phase.ADD_ONS}
    carry_out(provider, spec, *changed)


def answered(envoy, router):
    with suppress(OSError):
        return envoy.answers(f"apart-{router}.example")


def of_gateway(kube):
    """Names of what is left of it, whatever its kind; a definition of a kind stays while others have such objects."""
    kinds = [kube.items(*kind, labels=f"{LABEL}=gateway") for kind in kube.kinds()]
    return sorted(metadata.name(one) for found in kinds for one in found)
