"""A cluster is made in order, undone backwards when that fails, and deleted until nothing is left of it."""

import threading
from dataclasses import replace

import pytest

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.memory import MemoryProvider
from domain.clusters.lifecycle import Status
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, NodePool, Quota
from domain.core.errors import RefusedError
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from workers.client.clusters import Clusters

SPEC = ClusterSpec("", "memory", pools=(NodePool("web", 3),), quotas=(Quota("team", cpu=2),))


def activities(provider):
    made = ClusterActivities({"memory": provider}, permits=Everything(), apply_again_s=0.05)
    own = [made.phase, made.undo, made.leftovers, made.differences, made.health, made.reference]
    return [*own, *PlayedInventory().all()]


@pytest.fixture
def provider():
    return MemoryProvider()


@pytest.fixture
async def clusters(temporal_address, tmp_path, provider):
    async with Lab.on(temporal_address, tmp_path, activities(provider)) as lab:
        yield Clusters(lab.engine)


async def settled(clusters, name, *statuses, timeout_s=30):
    async def there():
        state = await clusters.view(name)
        return state if state.status in statuses and state.wanted is None else None

    return await until(there, timeout_s)


def named(request_name):
    return replace(SPEC, name=f"c-{request_name[:40].replace('_', '-')}")


@pytest.fixture
def spec(request):
    return named(request.node.name)


async def test_phases_are_carried_out_in_order_and_undone_backwards(clusters, provider, spec):
    await clusters.ask(spec)
    made = await settled(clusters, spec.name, Status.READY)
    await clusters.delete(spec.name)
    await settled(clusters, spec.name, Status.DELETED)

    applied = [call.removeprefix("apply ") for call in provider.calls if call.startswith("apply")]
    undone = [call.removeprefix("undo ") for call in provider.calls if call.startswith("undo")]
    assert applied == list(Phase)[1:]
    assert undone == list(reversed(list(Phase)[1:-1]))
    assert (made.health.nodes, made.reference) == (3, f"file:/clusters/{spec.name}/kubeconfig")
    assert not provider.clusters


async def test_what_is_taken_away_while_a_phase_is_waited_for_is_made_again(clusters, provider, spec, monkeypatch):
    apply = provider.apply

    def loses_one(phase, spec, told):
        apply(phase, spec, told)
        if phase is Phase.NODES and provider.calls.count("apply nodes") == 1:
            provider.clusters[spec.name][phase].pop()

    monkeypatch.setattr(provider, "apply", loses_one)
    await clusters.ask(spec)

    assert (await settled(clusters, spec.name, Status.READY)).health.nodes == 3


async def test_a_creation_that_fails_leaves_nothing_and_says_why(clusters, provider, spec):
    provider.failing[Phase.STORAGE] = ["no disk"] * 10
    await clusters.ask(spec)
    state = await settled(clusters, spec.name, Status.FAILED)

    assert state.blocker.phase is Phase.STORAGE
    assert "no disk" in state.blocker.reason
    assert not provider.clusters


async def test_what_passes_by_itself_is_tried_again(clusters, provider, spec):
    provider.failing[Phase.NODES] = ["the server is busy"]
    await clusters.ask(spec)

    assert (await settled(clusters, spec.name, Status.READY, Status.FAILED)).status is Status.READY


async def test_a_cluster_that_cannot_be_made_here_is_not_begun(clusters, provider, spec):
    provider.blocked = "2 cores are free, and 8 are asked for"
    await clusters.ask(spec)
    state = await settled(clusters, spec.name, Status.FAILED)

    assert state.blocker.reason == provider.blocked
    assert not [call for call in provider.calls if call.startswith("apply")]


async def test_undoing_that_fails_is_stuck_with_its_reason_and_goes_on_when_asked_again(clusters, provider, spec):
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    provider.stubborn[Phase.NODES] = ["a finalizer holds a node"] * 4
    await clusters.delete(spec.name)
    stuck = await settled(clusters, spec.name, Status.STUCK)
    await clusters.delete(spec.name)
    await settled(clusters, spec.name, Status.DELETED)

    assert (stuck.blocker.phase, stuck.blocker.tries) == (Phase.NODES, 1)
    assert not provider.clusters


async def test_a_cluster_can_be_deleted_while_it_is_being_made(clusters, provider, spec):
    provider.held[Phase.NODES] = threading.Event()
    await clusters.ask(spec)
    await until(lambda: _called(provider, "apply nodes"))
    await clusters.delete(spec.name)
    await settled(clusters, spec.name, Status.DELETED)

    assert not provider.clusters
    assert "apply storage" not in provider.calls


async def _called(provider, call):
    return call in provider.calls


async def test_scaling_goes_through_nodes_alone(clusters, provider, spec):
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    provider.calls.clear()
    await clusters.update(spec.name, lambda old: replace(old, pools=(NodePool("web", 5),)), "scale")
    state = await settled(clusters, spec.name, Status.READY)

    assert provider.calls == ["apply nodes", "apply verification"]
    assert state.health.nodes == 5


async def test_an_update_that_fails_leaves_the_cluster_and_names_what_blocks_it(clusters, provider, spec):
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    provider.failing[Phase.NODES] = ["no address is free"] * 4
    await clusters.update(spec.name, lambda old: replace(old, pools=(NodePool("web", 5),)), "scale")
    degraded = await settled(clusters, spec.name, Status.DEGRADED)
    await clusters.heal(spec.name)
    healed = await settled(clusters, spec.name, Status.READY)

    assert "no address is free" in degraded.blocker.reason
    assert (healed.blocker, healed.health.nodes) == (None, 5)


async def test_what_no_cluster_can_change_is_refused_with_the_reason(clusters, spec):
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    other = replace(spec, network=replace(spec.network, pods="10.0.0.0/16"))

    with pytest.raises(RefusedError):
        await clusters.ask(other)


async def test_a_name_can_be_used_again_after_its_cluster_is_deleted(clusters, spec):
    for _ in range(2):
        await clusters.ask(spec)
        await settled(clusters, spec.name, Status.READY)
        await clusters.delete(spec.name)
        await clusters.engine.client.get_workflow_handle(f"cluster/{spec.name}").result()


async def test_a_history_holds_a_whole_life_in_few_events(clusters, spec):
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    await clusters.delete(spec.name)
    handle = clusters.engine.client.get_workflow_handle(f"cluster/{spec.name}")
    await handle.result()

    assert len((await handle.fetch_history()).events) < 250


async def test_a_provider_that_is_not_here_is_told_with_those_that_are(clusters, spec):
    await clusters.ask(replace(spec, provider="cloud"))
    state = await settled(clusters, spec.name, Status.FAILED)

    assert "unknown provider cloud; available: memory" in state.blocker.reason


async def test_a_workflow_that_is_cancelled_takes_its_cluster_down_first(clusters, provider, spec):
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    handle = clusters.engine.client.get_workflow_handle(f"cluster/{spec.name}")
    await handle.cancel()

    assert (await handle.result())["status"] == Status.DELETED
    assert not provider.clusters
