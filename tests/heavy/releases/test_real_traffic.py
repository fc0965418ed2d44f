"""Under an open-loop load to a real cluster, what we do to a service's versions costs no request.

How long the runs are comes from the environment: `SHIFTS=300 SWITCHES=40 VERSIONS=20 RATE=300`.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from activities.storage.stores.folder import FolderStore
from domain.core.documents import Node
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import container
from domain.releases.kubernetes.prepared import dumped

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(590)]
SHIFTS, SWITCHES = int(os.environ.get("SHIFTS", "30")), int(os.environ.get("SWITCHES", "6"))
VERSIONS = int(os.environ.get("VERSIONS", "2"))
"""Of each kind: with our preStop, and without any."""


async def test_shifts_and_switches_lose_no_request(edge, target, image, tmp_path):
    old, new = (edge.deployment(name, image) for name in ("s1", "s2"))
    await target.start(old)
    await target.start(new)
    await target.route(old)
    with edge.under_load(tmp_path) as load:
        for number in range(SHIFTS):
            await target.shift(new, old, (number * 37 + 5) % 100)
        for number in range(SWITCHES):
            await target.route((old, new)[number % 2])
        await target.route(new)
    print(f"{SHIFTS} shifts, {SWITCHES} switches: {load}")
    assert load.lost == []
    assert all(len(answers) > SHIFTS for answers in load.answers.values())
    await target.stop(old)
    await target.stop(new)


@pytest.mark.parametrize("pre_stop", [True, False], ids=["pre-stop-of-ours", "no-pre-stop"])
async def test_a_version_is_taken_away_as_soon_as_another_has_its_traffic(
    edge, target, store, image, tmp_path, pre_stop
):
    """Its process exits at once when it is told to."""

    def version(number: int) -> Deployment:
        made = edge.deployment(f"{'ab'[pre_stop]}{number}", image)
        return made if pre_stop else without_pre_stop(store, made)

    old = version(0)
    await target.start(old)
    await target.route(old)
    with edge.under_load(tmp_path) as load:
        for number in range(1, VERSIONS + 1):
            new = version(number)
            await target.start(new)
            await target.route(new)
            await target.stop(old)
            assert edge.pods(old) == []
            old = new
    print(f"{VERSIONS} versions, {'with' if pre_stop else 'without'} preStop: {load}")
    assert load.lost == []
    await target.stop(old)


def without_pre_stop(store: FolderStore, deployment: Deployment) -> Deployment:
    """Its source has one of its own, which does nothing."""
    assert deployment.spec.kubernetes is not None
    workload, *others = container.objects(deployment.spec)
    template = Node(workload).at("spec", "template")
    main = {**template.at("spec", "containers").first().object(), "lifecycle": {"preStop": {"sleep": {"seconds": 0}}}}
    pod = {**template["spec"].object(), "containers": [main]}
    changed = {**Node(workload)["spec"].object(), "template": {**template.object(), "spec": pod}}
    kept = store.put(dumped([{**workload, "spec": changed}, *others]))
    spec = replace(deployment.spec.kubernetes, rendered=kept)
    return replace(deployment, spec=replace(deployment.spec, kubernetes=spec))
