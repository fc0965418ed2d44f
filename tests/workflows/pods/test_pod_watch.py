"""A watch tells what it sees at once and in order, and goes on from what it has told."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.kubernetes.impersonation import nobody
from activities.kubernetes.port import GoneError
from activities.pods import watch as pod_watch
from activities.pods.activities import PodActivities
from activities.pods.port import NamespaceWatch, NewPod, PodAt
from domain.clusters.access import Access
from domain.core.errors import SluicewayError
from tests.support.lab import until
from tests.workflows.pods.conftest import Told, owned

ENDED = {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"exitCode": 0}}}]}


async def test_a_watch_that_goes_on_from_a_version_knows_the_pods_that_are_there(kube, monkeypatch):
    monkeypatch.setattr(pod_watch, "IDLE_S", 0.2)
    kube.create({"kind": "Pod", "metadata": {"namespace": "a", "name": "web"}, "spec": {}})
    watcher = pod_watch.Watcher(kube, "a", Told())
    going = asyncio.create_task(ActivityEnvironment().run(watcher.run, "1"))
    await until(lambda: watcher.pods)
    kube.delete("v1", "Pod", "web", "a")

    assert await asyncio.wait_for(going, 120) == 0


async def test_what_a_watch_sees_at_once_it_tells_at_once_and_in_order(kube, monkeypatch):
    monkeypatch.setattr(pod_watch, "IDLE_S", 0.2)
    for name in ("web", "db"):
        kube.create(owned(name))
        kube.set("a", name, {"phase": "Running"}, "n1")
        kube.set("a", name, ENDED)
        kube.patch("v1", "Pod", name, {"metadata": {"finalizers": None}}, "a")
        kube.delete("v1", "Pod", name, "a")
    told = Told()

    assert await ActivityEnvironment().run(pod_watch.Watcher(kube, "a", told).run, "0") == 4
    assert sorted(told.signals) == [("pod/db", ["Running", "Succeeded"]), ("pod/web", ["Running", "Succeeded"])]


async def test_a_watch_goes_on_from_what_it_told_and_not_from_what_it_only_read(kube):
    kube.create(owned())
    beats, environment = [], ActivityEnvironment()
    environment.on_heartbeat = lambda *details: beats.append(details[0])
    kube.set("a", "web", {"phase": "Running"}, "n1")

    with pytest.raises(RPCError):
        await environment.run(pod_watch.Watcher(kube, "a", Told(refusing=True)).run, "1")
    assert set(beats) == {"1"}


@pytest.mark.parametrize(
    ("broken", "goes_on_from"),
    [(GoneError("SLW943", "too old", why="410 Gone"), ""), (SluicewayError("SLW943", "away", why="refused"), "1")],
)
async def test_after_trouble_a_watch_goes_on_from_where_the_server_still_can(kube, broken, goes_on_from):
    kube.create(owned())
    beats, environment = [], ActivityEnvironment()
    environment.on_heartbeat = lambda *details: beats.append(details[0])

    def watch_pods(*_):
        yield from ()
        raise broken

    kube.watch_pods = watch_pods
    with pytest.raises(ApplicationError):
        await environment.run(pod_watch.Watcher(kube, "a", Told()).run, "1")
    assert beats[-1] == goes_on_from


async def test_a_worker_that_watches_a_namespace_does_not_ask_for_a_watch_of_it(kube, store):
    activities = PodActivities(lambda access, cluster: kube, store, permits=Everything(), hands=nobody)
    at = PodAt(Access("file:/k"), "memory", "a", "web", "pod/web")
    watcher = pod_watch.Watcher(kube, "a", Told())
    activities._watches[NamespaceWatch(at.access, "memory", "a")] = watcher

    await ActivityEnvironment().run(activities.create, NewPod(at, owned()))  # it has no client to ask with
    assert watcher._quiet_since > 0
