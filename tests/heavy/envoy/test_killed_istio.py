"""kill -9 of Istio's control plane and of its Envoy while weights shift, under load.

Nothing is lost but what a killed Envoy had in flight and what came while it was away. Without the control plane no change
is called done, not even a way back: each says why, and what Envoy does stays as it was.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from activities.releases.cluster_traffic.data_plane import DataPlane
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.istio.router import IstioRouter
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.clusters.plan import Phase
from domain.core.errors import SluicewayError
from tests.support.cluster_phases import carry_out

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(170)]
WAITED_S = 3.0
"""For a control plane that stays away; a release waits longer, and tries again."""
SAID = {"gateway-api": "SLW862", "istio": "SLW878"}
"""What is said meanwhile: that no controller has accepted the route, and that no router shows it."""


def target_of(envoy, folder, limit_s=60.0):
    def reach(name):
        return envoy.kube

    plane = DataPlane(limit_s=limit_s)
    routers = {"gateway-api": GatewayApiRouter(reach, plane), "istio": IstioRouter(reach, plane)}
    return KubernetesTarget(reach, FolderStore(folder / "store"), routers)


def version(envoy, name, router):
    made = envoy.deployment(f"r{name}", envoy.image(VERSION=name), f"killed-{router}", instances=1)
    return replace(made, spec=replace(made.spec, router=router))


@pytest.mark.parametrize("router", SAID)
async def test_without_its_control_plane_nothing_is_called_done_and_a_killed_envoy_costs_its_own_gap(
    envoy, tmp_path, router
):
    target, hasty = target_of(envoy, tmp_path), target_of(envoy, tmp_path, WAITED_S)
    old, new = (version(envoy, name, router) for name in "12")
    await target.start(old)
    await target.start(new)
    await target.route(old)
    with envoy.under_load(tmp_path, f"killed-{router}.example") as load:
        envoy.kill("istio-pilot")
        await target.shift(new, old, 20)
        await target.route(new)
        shown = time.time()
        envoy.programs.stop("istio-pilot")
        for change in (lambda: hasty.shift(old, new, 50), lambda: hasty.route(old), lambda: hasty.route(new)):
            with pytest.raises(SluicewayError) as waited:
                await change()
            assert waited.value.code == SAID[router]
            assert waited.value.transient
            assert waited.value.why
        again = time.time()
        carry_out(envoy.provider, envoy.spec, Phase.ADD_ONS)
        await target.route(new)
        killed = time.time()
        envoy.kill("istio-envoy")
        await target.shift(old, new, 60)
        back = time.time()
        await target.route(new)
    gap = [one for _, one in load.lost if killed - 0.5 <= one.at <= back]
    print(f"Envoy killed in a shift, in force after {back - killed:.1f} s: {len(gap)} of the lost in its gap; {load}")
    assert [one for _, one in load.lost if one not in gap] == []
    known = [*load.answers["kept"], *load.answers["new"]]
    assert {one.version for one in known if shown < one.at < again} == {"2"}
    for one in (old, new):
        await target.stop(one)
