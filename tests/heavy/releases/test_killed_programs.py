"""kill -9 of the engine's and the cluster's programs in the actions of releases, and a node that nobody reaches.

Each release ends right, with nothing left.

`ROUNDS=6`: every program in every action, one round after the other.
"""

from __future__ import annotations

import os
import secrets
import time

import pytest

from activities.kubernetes.kubeconfigs import AddressBook
from tests.support.cluster_scene import ClusterScene
from tests.support.lab import Repo, until
from tests.support.release_cluster import ReleaseCluster
from tests.support.scene import connected
from workers.core.settings import load

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(590)]
ACTIONS = ("start", "shift 20", "watch", "shift 50", "verify", "retire")
PROGRAMS = ("worker", "kube-apiserver", "etcd", "kubelet-1", "kube-controller-manager", "traefik")
GAP_S = 15.0
"""How long a killed router may be away on a busy machine: what comes then is lost, and nothing else."""
ROUNDS = int(os.environ.get("ROUNDS", "1"))


@pytest.fixture(scope="module")
async def scene(edge: ReleaseCluster, up, tmp_path_factory):
    """One for all: a namespace belongs to one environment."""
    tmp_path = tmp_path_factory.mktemp("scene")
    chosen = load()
    AddressBook(chosen.addresses).remember(edge.cluster.name, edge.cluster.access)
    service = f"web-{secrets.token_hex(2)}"
    images = (edge.image(VERSION="even"), edge.image(VERSION="odd"))
    made = ClusterScene(
        service, edge, chosen, await connected(chosen), Repo.create(tmp_path / "repo", {"x": ""}), images
    )
    made.known(tmp_path / "environment.yaml")
    return made


async def test_whoever_is_killed_in_whatever_action_the_release_ends_right_with_nothing_left(scene, tmp_path):
    first = scene.begin()
    assert await scene.ends_where_its_record_says(first) == "passed"
    for round in range(ROUNDS):
        plan = {action: PROGRAMS[(at + round) % len(PROGRAMS)] for at, action in enumerate(ACTIONS)}
        with scene.edge.under_load(tmp_path, f"{scene.service}.example") as answered:
            run = scene.begin()
            await scene.kills(plan)
            status = await scene.ends_where_its_record_says(run)
        print(f"killed {', '.join(f'{who} in {action}' for action, who in plan.items())}: {status}; {answered}")
        assert status in ("passed", "rolled-back")
        away = scene.killed["traefik"]
        assert [one for _, one in answered.lost if not away - 1 <= one.at <= away + GAP_S] == []


async def test_a_node_cut_off_in_a_shift_costs_what_it_was_asked_and_the_release_ends_right_with_nothing_left(
    scene, tmp_path
):
    assert await scene.ends_where_its_record_says(scene.begin()) == "passed"
    with scene.edge.under_load(tmp_path, f"{scene.service}.example") as answered:
        run = scene.begin()
        await scene.reached("shift 50")
        began = time.time()
        with scene.edge.cut_off():
            await until(scene.edge.not_ready, 120, every_s=0.5)
        await until(lambda: not scene.edge.not_ready(), 60, every_s=0.5)
        back = time.time()
        status = await scene.ends_where_its_record_says(run)
    print(f"a node cut off for {back - began:.0f} s: {status}; {answered}")
    assert status in ("passed", "rolled-back")
    assert [one for _, one in answered.lost if not began - 1 <= one.at <= back + GAP_S] == []
