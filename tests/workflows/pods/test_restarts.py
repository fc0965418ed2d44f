"""A pod is placed again with its logs kept; a workload is rolled out, and a pod of nobody's workflow deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities.pods.port import ObjectDone, ObjectWish
from domain.core.documents import Node
from domain.pods.object_action import RESTARTED_AT, ObjectAction
from domain.pods.status import PodPhase
from tests.workflows.pods.test_pods import ENDED, phase, there
from workers.client.calls import outcome
from workflows.pods.messages import PodInput

RUNNING = {"phase": "Running"}
AT = "2026-11-30T04:00:00Z"


async def running(clusters, kube, asked):
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    kube.set(asked.namespace, "web", RUNNING, "n1")
    await phase(clusters, id_, PodPhase.RUNNING)
    return id_, clusters.engine.client.get_workflow_handle(id_)


async def test_a_restart_ends_the_pod_keeps_its_logs_and_places_the_next_one(clusters, kube, store, asked):
    id_, handle = await running(clusters, kube, asked)
    await handle.execute_update("restart", "it hangs")
    await there(kube, asked, "web-2")
    kube.set(asked.namespace, "web-2", RUNNING, "n1")
    view = await phase(clusters, id_, PodPhase.RUNNING)
    kube.set(asked.namespace, "web-2", ENDED)
    result = await clusters.pod_result(id_)

    assert "restarted: it hangs" in [one.reason for one in view.transitions]
    assert (result.phase, result.attempts) == (PodPhase.SUCCEEDED, 2)
    assert [store.get(one) for one in (*result.earlier, result.logs)] == [b"main of web\n", b"main of web-2\n"]
    assert not kube.pods


async def test_a_pod_on_a_lost_node_that_may_not_run_twice_is_not_restarted(clusters, kube, asked):
    id_, handle = await running(clusters, kube, asked)
    kube.nodes["n1"] = {**kube.nodes["n1"], "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}
    await phase(clusters, id_, PodPhase.UNKNOWN)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update("restart", "")

    assert "may still run" in str(refused.value.cause)
    assert kube.created == 1


async def test_what_a_pod_was_asked_for_can_be_asked_again(clusters, kube, asked):
    _, handle = await running(clusters, kube, asked)

    assert await handle.query("asked", result_type=PodInput) == replace(asked, local=True)


async def acted(clusters, wish, name):
    started = await clusters.engine.client.start_workflow(
        "ObjectAction",
        wish,
        id=f"object/{wish.namespace}/{name}",
        task_queue=clusters.engine.queue,
        result_type=ObjectDone,
    )
    return await outcome(started, ObjectDone)


async def test_a_workload_is_restarted_by_its_template_once_for_a_wish(clusters, kube, asked):
    space = asked.namespace
    kube.create({"kind": "Deployment", "metadata": {"namespace": space, "name": "web", "uid": "u1"}, "spec": {}})
    wish = ObjectWish("memory", ObjectAction.RESTART, "Deployment", space, "web", "u1", AT)
    done = await acted(clusters, wish, "one")
    template = Node(kube.changes[f"Deployment {space}/web"]).at("spec", "template", "metadata", "annotations")

    assert not done.refusal
    assert template.strings() == {RESTARTED_AT: AT}
    assert "another object has its name" in (await acted(clusters, replace(wish, uid="u0"), "two")).refusal


async def test_a_pod_of_no_workflow_is_deleted_and_another_one_of_its_name_stays(clusters, kube, asked):
    space = asked.namespace
    made = kube.create({"kind": "Pod", "metadata": {"namespace": space, "name": "other"}, "spec": {}})
    wish = ObjectWish("memory", ObjectAction.DELETE, "Pod", space, "other", "uid-0", AT)

    assert (await acted(clusters, wish, "another")).refusal
    assert not (await acted(clusters, replace(wish, uid=Node(made).at("metadata", "uid").text()), "it")).refusal
    assert (space, "other") not in kube.pods
    assert not (await acted(clusters, wish, "again")).refusal
