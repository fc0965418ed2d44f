"""A route that somebody changes or deletes is as its release has set it again, and no release is undone by that."""

from dataclasses import replace
from typing import Any, cast

import pytest

from activities.releases.metric_sources.port import Comparison
from activities.releases.route_guard import RouteGuard
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.port import Backend
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.releases.judge.policy import Policy
from domain.releases.kubernetes.drift_classes import Healed, Kind, decide
from domain.releases.kubernetes.drift_classes import Policy as Drifts
from domain.releases.traffic_baseline import Baseline
from tests.activities.releases.test_drift import Known
from tests.support.played_gateway import NAMESPACE, PlayedGateway


async def test_a_changed_route_is_as_its_state_says_again():
    played = PlayedGateway()
    router = GatewayApiRouter(lambda name: played.api, played.plane)
    live = played.release("r1")
    await router.send_all(Backend(live))
    played.api.edit("HTTPRoute", "shop", {"spec": {"hostnames": ["evil.example"]}}, NAMESPACE, manager="kubectl-edit")
    assert "kubectl-edit" in (await router.drift(live))[0]
    await router.restore(live)
    assert await router.drift(live) == []
    assert Node(played.api.get("", "HTTPRoute", "shop", NAMESPACE)).at("spec", "hostnames").texts() == ["shop.example"]


async def test_a_route_that_is_gone_leads_to_what_is_live_again_and_undoes_no_release(tmp_path):
    played = PlayedGateway()
    router = GatewayApiRouter(lambda name: played.api, played.plane)
    made = KubernetesTarget(lambda name: played.api, FolderStore(tmp_path / "s"), {"gateway-api": router})
    old, new = (imaged(played.release(name)) for name in ("r1", "r2"))
    await router.send_all(Backend(old))
    assert not await router.is_gone(old)
    played.api.delete("gateway.networking.k8s.io/v1", "HTTPRoute", "shop", NAMESPACE)
    found = (await made.findings(old))[-1]
    assert (found.kind, found.line) == (Kind.TRAFFIC, "HTTPRoute shop is gone"), "its state stands at the other one"
    for name in ("shop", "shop-preview"):
        played.api.delete("gateway.networking.k8s.io/v1", "HTTPRoute", name, NAMESPACE)
    found = (await made.findings(old))[-1]
    assert (found.kind, found.target, found.line) == (Kind.GONE, "every route shop", "the route of shop is gone")
    assert decide([found], Drifts.HEAL, Healed(), 0.0, releasing=True).heal == ()
    await made.heal(old, ["route shop"])
    assert await router.is_gone(old), "an import may have been undone meanwhile"
    await made.heal(old, [found.target])
    assert not await router.is_gone(old)
    shares = await shared(played, router, old)
    assert shares == {"r1": 10_000}
    await router.split(Backend(new), Backend(old), 10)
    await made.heal(old, [found.target])
    assert await shared(played, router, old) == {"r1": 9_000, "r2": 1_000}


def imaged(deployment):
    return replace(deployment, spec=replace(deployment.spec, image="shop@sha256:1"))


async def shared(played, router, deployment):
    entry = await router._entry(deployment)
    return router._store(entry, deployment).stored(*entry.names).traffic.weights


async def test_while_a_release_is_observed_its_route_is_put_back_and_told():
    played, known = PlayedGateway(), Known()
    router = GatewayApiRouter(lambda name: played.api, played.plane)
    old, new = played.release("r1"), played.release("r2")
    await router.split(Backend(new), Backend(old), 10)
    watched, guard = Comparison(new, old, Policy(), Baseline()), RouteGuard({"gateway-api": router}, cast("Any", known))
    assert await guard(watched) == []
    played.api.edit("HTTPRoute", "shop", {"spec": {"rules": []}}, NAMESPACE, manager="kubectl-edit")
    (told,) = await guard(watched)
    assert "kubectl-edit" in told
    assert await router.drift(new) == []
    known.refuses = True
    played.api.edit("HTTPRoute", "shop", {"spec": {"rules": []}}, NAMESPACE, manager="kubectl-edit")
    with pytest.raises(RefusedError):
        await guard(watched)
    assert await router.drift(new) != []
