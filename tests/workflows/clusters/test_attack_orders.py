"""Who can start and cancel workflows makes no cluster and takes none down: that needs an order or a plan."""

from __future__ import annotations

import secrets

import pytest
from temporalio.client import WorkflowFailureError

from activities.clusters.providers.memory import MemoryProvider
from domain.clusters.lifecycle import Status
from domain.clusters.spec import ClusterSpec
from tests.support.lab import Lab, until
from tests.workflows.clusters.test_clusters import settled
from workers.client.clusters import Clusters
from workflows.clusters.messages import ClusterState


@pytest.fixture
def provider(lab: Lab) -> MemoryProvider:
    made = MemoryProvider()
    lab.wired.clusters.providers["memory"] = made
    return made


async def test_a_cluster_that_somebody_starts_past_the_command_line_is_never_made(lab: Lab, provider):
    spec = ClusterSpec(f"c-{secrets.token_hex(3)}", "memory")
    handle = await lab.engine.client.start_workflow(
        "Cluster", ClusterState(spec), id=f"cluster/{spec.name}", task_queue=lab.engine.queue
    )
    clusters = Clusters(lab.engine)

    with pytest.raises(WorkflowFailureError) as refused:
        await handle.result()
    assert "SLW034" in str(refused.value.cause)
    assert provider.calls == []
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    assert provider.calls


async def test_a_cancel_takes_no_cluster_down_that_stands_and_an_order_does(lab: Lab, provider):
    spec, clusters = ClusterSpec(f"c-{secrets.token_hex(3)}", "memory"), Clusters(lab.engine)
    await clusters.ask(spec)
    await settled(clusters, spec.name, Status.READY)
    await lab.engine.client.get_workflow_handle(f"cluster/{spec.name}").cancel()

    async def stuck():
        state = await clusters.view(spec.name)
        return state if state.status is Status.STUCK else None

    state = await until(stuck)
    assert state.blocker is not None
    assert "nobody has ordered" in state.blocker.reason
    assert not [one for one in provider.calls if one.startswith("undo")]
    await clusters.delete(spec.name)
    await until(lambda: provider.clusters == {})


async def test_the_name_of_a_cluster_is_no_part_of_a_query_unless_it_is_a_name(lab: Lab) -> None:
    assert await Clusters(lab.engine).pods("x' OR WorkflowType = 'Pod") == []
