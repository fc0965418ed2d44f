"""What a pod writes into its history, and that nothing is lost by writing less."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType

from domain.core.errors import SluicewayError
from domain.pods.status import PodPhase
from tests.support.lab import until
from tests.workflows.pods.test_pods import ENDED, phase, there
from workflows.core import activity_options as options

RUNNING = {"phase": "Running"}
ENDED_BADLY = {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"exitCode": 7, "reason": "Error"}}}]}


async def events(clusters, id_) -> Counter[str]:
    history = await clusters.engine.client.get_workflow_handle(id_).fetch_history()
    return Counter(EventType.Name(one.event_type).removeprefix("EVENT_TYPE_") for one in history.events)


async def runs(clusters, kube, asked) -> str:
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    await phase(clusters, id_, PodPhase.PENDING)
    kube.set(asked.namespace, "web", RUNNING, "n1")
    await phase(clusters, id_, PodPhase.RUNNING)
    return id_


async def test_a_pod_that_ends_writes_one_timer_and_no_patches(clusters, kube, asked):
    id_ = await runs(clusters, kube, asked)
    kube.set(asked.namespace, "web", ENDED)
    await clusters.pod_result(id_)
    found = await events(clusters, id_)

    assert sum(found.values()) <= 15
    assert (found["TIMER_STARTED"], found["TIMER_CANCELED"]) == (1, 0)
    assert not found["UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"]


async def test_a_pod_that_is_cancelled_writes_no_patches_and_no_timer_more(clusters, kube, asked):
    id_ = await runs(clusters, kube, asked)
    await clusters.end_pod(id_)
    await clusters.pod_result(id_)
    found = await events(clusters, id_)

    assert sum(found.values()) <= 20
    assert (found["TIMER_STARTED"], found["TIMER_CANCELED"]) == (1, 0)


async def test_a_step_that_does_not_succeed_at_once_is_an_activity_that_people_see(clusters, kube, asked):
    away, really = (
        [SluicewayError("SLW943", "the API server does not respond", why="refused", transient=True)] * 3,
        kube.create,
    )

    def create(manifest):
        if away:
            raise away.pop()
        return really(manifest)

    kube.create = create
    id_ = await runs(clusters, kube, asked)

    assert (await events(clusters, id_))["ACTIVITY_TASK_SCHEDULED"] == 1
    assert kube.created == 1


async def test_a_slow_deletion_of_a_cancelled_pod_is_not_taken_for_another_cancel(clusters, kube, asked, monkeypatch):
    quick = options.at_once
    limits = {"start_to_close_timeout": timedelta(seconds=0.1), "schedule_to_close_timeout": timedelta(seconds=0.1)}
    monkeypatch.setattr(options, "at_once", lambda summary: {**quick(summary), **limits})
    id_ = await runs(clusters, kube, asked)
    go, really = threading.Event(), kube.delete
    kube.delete = lambda *where, **how: (
        go.wait(0.5),
        really(*where, **how),
    )  # nobody sets it: the server takes its time
    await clusters.end_pod(id_)
    result = await clusters.pod_result(id_)

    assert (result.phase, result.reason) == (PodPhase.FAILED, "cancelled")
    assert result.logs
    assert not kube.pods


async def test_a_pod_that_is_cancelled_as_its_logs_are_kept_stays_as_it_ended(clusters, kube, asked, monkeypatch):
    monkeypatch.setattr("activities.pods.ends.LOGS_S", 0.0)  # the watch leaves it to the workflow
    id_ = await runs(clusters, kube, asked)
    go, really = threading.Event(), kube.logs
    kube.logs = lambda *of: (go.wait(20), really(*of))[-1]
    kube.set(asked.namespace, "web", ENDED_BADLY)
    await wrote(clusters, id_, "ACTIVITY_TASK_SCHEDULED", 1)
    await clusters.end_pod(id_)
    await wrote(clusters, id_, "MARKER_RECORDED", 2)
    go.set()
    result = await clusters.pod_result(id_)

    assert (result.phase, result.exit_code, result.reason) == (PodPhase.FAILED, 7, "Error")
    assert result.logs
    assert not kube.pods


async def wrote(clusters, id_, kind, count):
    async def has():
        return (await events(clusters, id_))[kind] >= count

    await until(has)


async def test_a_pod_that_nobody_tells_about_is_looked_at_by_the_one_timer(clusters, kube, asked, monkeypatch):
    monkeypatch.setattr("activities.pods.watch.Watcher._note", lambda self, one, seen: None)
    monkeypatch.setattr("workflows.pods.pod.PENDING_S", 0.2)
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    kube.set(asked.namespace, "web", ENDED)

    assert (await clusters.pod_result(id_)).phase is PodPhase.SUCCEEDED


@pytest.mark.parametrize("local", [False, True])
async def test_pods_from_before_and_after_end_alike(clusters, kube, asked, local):
    id_ = f"pod/memory/{asked.namespace}/web/1"
    client, queue = clusters.engine.client, clusters.engine.queue
    await client.start_workflow("Pod", replace(asked, local=local), id=id_, task_queue=queue)
    await there(kube, asked)
    kube.set(asked.namespace, "web", ENDED)
    result = await clusters.pod_result(id_)

    assert (result.phase, result.exit_code) == (PodPhase.SUCCEEDED, 0)
    assert result.logs
    assert not kube.pods
