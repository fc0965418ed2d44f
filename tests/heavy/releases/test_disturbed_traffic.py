"""Pods are evicted, a node is drained, an autoscaler works, the router is killed: requests go on.

Nothing is lost, but what was in flight at a process that was killed, and what came while it was away; both are counted.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial

import pytest

from activities.clusters.node_drain import drain
from domain.core.documents import Node
from domain.releases.kubernetes import container
from domain.releases.kubernetes.naming import object_name
from domain.releases.kubernetes.place import Autoscale
from domain.releases.kubernetes.prepared import dumped
from tests.support.lab import until
from tests.support.release_cluster import NAMESPACE

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(170)]


async def settled(edge, deployment) -> None:
    """All of its pods are ready, and none of those before them is there."""

    def done() -> bool:
        found = edge.kube.items("v1", "Pod", NAMESPACE, f"app.kubernetes.io/instance={object_name(deployment)}")
        told = Node(edge.kube.get("apps/v1", "Deployment", object_name(deployment), NAMESPACE))
        ready = told.at("status", "readyReplicas").whole()
        return ready == len(found) == told.at("spec", "replicas").whole()

    await until(done, 60, every_s=0.2)


async def test_pods_are_evicted_and_a_node_is_drained_without_a_lost_request(edge, target, image, tmp_path):
    one = edge.deployment("e1", image)
    await target.start(one)
    await target.route(one)
    with edge.under_load(tmp_path) as load:
        for pod in edge.pods(one):
            await until(partial(edge.kube.evict, NAMESPACE, pod), 60, every_s=0.2)
            await settled(edge, one)
        await drained(edge)
        await settled(edge, one)
    print(f"2 pods evicted, a node drained: {load}")
    assert load.lost == []
    await target.stop(one)


async def drained(edge) -> None:
    node = edge.kube.items("v1", "Node")[0]["metadata"]["name"]
    edge.kube.patch("v1", "Node", node, {"spec": {"unschedulable": True}})
    try:
        await asyncio.to_thread(drain, edge.kube, node, lambda words: None)
    finally:
        edge.kube.patch("v1", "Node", node, {"spec": {"unschedulable": False}})


async def test_an_autoscaler_scales_up_by_real_figures_and_we_scale_down_without_a_lost_request(
    edge, target, store, image, tmp_path
):
    plain = edge.deployment("h1", image)
    scaled = replace(plain.spec.kubernetes, autoscale=Autoscale(least=2, most=3, cpu_percent=5))
    spec = replace(plain.spec, kubernetes=scaled)
    kept = store.put(dumped(container.objects(spec)))
    one = replace(plain, spec=replace(spec, kubernetes=replace(scaled, rendered=kept)))
    await target.start(one)
    await target.route(one)
    with edge.under_load(tmp_path) as load:
        await until(lambda: len(edge.pods(one)) == 3, 90, every_s=0.5)
        await settled(edge, one)
        await target.scale(one, 2)
    print(f"2 to 3 pods and more by the autoscaler: {load}")
    assert load.lost == []
    await target.stop(one)


async def test_a_killed_router_costs_only_its_own_gap_and_shifts_go_on(edge, target, image, tmp_path):
    old, new = (edge.deployment(name, image) for name in ("k1", "k2"))
    await target.start(old)
    await target.start(new)
    await target.route(old)
    with edge.under_load(tmp_path) as load:
        await target.shift(new, old, 20)
        began = time.time()
        edge.kill("traefik")
        await target.shift(new, old, 60)
        back = time.time()
        await target.route(new)
    gap = [one for _, one in load.lost if began - 0.5 <= one.at <= back + 0.5]
    print(f"a router killed in a shift, in force after {back - began:.1f} s: {len(gap)} of the lost in its gap; {load}")
    assert [one for _, one in load.lost if one not in gap] == []
    await target.stop(old)
    await target.stop(new)
