"""Quotas and limits that a namespace no longer has are taken away, and it waits until they are gone."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from activities.clusters import in_cluster
from activities.kubernetes.client import Kube
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, Quota
from tests.activities.clusters.test_other_namespaces import Api

SPEC = ClusterSpec("edge", "memory", quotas=(Quota("shop", cpu=2, container_cpu=1), Quota("pay", pods=3)))


def limits(api: Api) -> set[tuple[str, str]]:
    return {(kind, where) for kind, where, _ in api.objects if kind in in_cluster.LIMITS}


def test_limits_come_and_go_with_the_definition() -> None:
    api = Api()
    kube = cast(Kube, api)
    in_cluster.apply(kube, Phase.TENANTS, SPEC)
    every = {(kind, name) for kind in in_cluster.LIMITS for name in ("shop", "pay")}
    assert limits(api) == every

    plain = replace(SPEC, quotas=(Quota("shop", container_cpu=1), Quota("pay")))
    assert "not gone yet" in in_cluster.missing(kube, Phase.TENANTS, plain)
    in_cluster.apply(kube, Phase.TENANTS, plain)
    assert limits(api) == {("LimitRange", "shop")}
    assert in_cluster.missing(kube, Phase.TENANTS, plain) == ""
    in_cluster.apply(kube, Phase.TENANTS, SPEC)
    assert limits(api) == every
