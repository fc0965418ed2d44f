"""What was released before is counted where its successor is, in every action that counts it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.releases.activities import ReleaseActivities
from activities.releases.port import ActionInput, History, Retired, Target, Verified
from activities.releases.release_store import ReleaseStore
from domain.releases.actions import ActionKind
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.counted import Prometheus
from domain.releases.kubernetes.place import KubernetesSpec
from domain.releases.traffic_baseline import Baseline
from tests.contracts.targets.kubernetes import in_cluster

COUNTERS = Prometheus(service="monitoring/prometheus:9090")
OLD = in_cluster("1", "r1")


def counted(one: Deployment) -> Deployment:
    spec = one.spec.kubernetes or KubernetesSpec()
    place = replace(spec.place, counters=COUNTERS)
    return replace(one, spec=replace(one.spec, kubernetes=replace(spec, place=place)))


NEW = counted(in_cluster("2", "r2"))


class Watching:
    """A target and a history that note which version was to be counted, and where."""

    def __init__(self) -> None:
        self.seen: list[Deployment] = []

    async def baseline(self, deployment: Deployment, tick_s: float) -> Baseline:
        self.seen.append(deployment)
        return Baseline()

    async def verify(self, deployment: Deployment, other: Deployment, seconds: float) -> Verified:
        self.seen.append(other)
        return Verified(1, 0, seconds)

    async def stop(self, deployment: Deployment) -> str:
        self.seen.append(deployment)
        return ""

    async def retire(self, deployment: Deployment, live: Deployment) -> Retired:
        self.seen.append(deployment)
        return Retired()

    async def preflight(self, *_: object) -> None: ...

    async def hook(self, *_: object) -> None: ...

    async def settle(self, *_: object) -> None: ...


@pytest.mark.parametrize("do", [ActionKind.MEASURE, ActionKind.VERIFY, ActionKind.STOP, ActionKind.RETIRE])
async def test_an_older_version_is_counted_by_the_prometheus_of_its_successor(do: ActionKind) -> None:
    watching = Watching()
    activities = ReleaseActivities(
        {"kubernetes": cast(Target, watching)}, cast(ReleaseStore, None), cast(History, watching), permits=Everything()
    )
    of, other = (NEW, OLD) if do is ActionKind.VERIFY else (OLD, NEW)
    asked = ActionInput(do=do, deployment=of, other=other, target="kubernetes")
    await ActivityEnvironment().run(activities.act, asked)
    assert watching.seen == [counted(OLD)]
