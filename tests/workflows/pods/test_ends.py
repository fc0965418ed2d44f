"""A watch keeps the logs of pods that end, lets them go, and tells both with the end: once, and of no other pod."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.pods import ends as pod_ends
from activities.pods import watch as pod_watch
from activities.pods.ends import Ends
from activities.pods.keeping import Keeper
from activities.pods.port import NamespaceWatch
from activities.pods.watch import Watcher
from domain.clusters.access import Access
from domain.core.errors import SluicewayError
from domain.pods import manifest
from domain.pods.manifest import PodSpec
from tests.workflows.pods.conftest import Told

ENDED = {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"exitCode": 0}}}]}


class Heard(Told):
    """Keeps the last sighting of each signal."""

    async def _signal(self, id_, name, sightings):
        await super()._signal(id_, name, sightings)
        self.last = sightings[-1]


def ended(kube, logs_by_watch=True):
    given = manifest.manifest(PodSpec("x"))
    owned = manifest.with_ownership(given, "web", "a", "pod/web", logs_by_watch=logs_by_watch)
    kube.create(owned)
    kube.set("a", "web", ENDED)


async def watched(kube, keeper, client):
    ends = Ends(kube, NamespaceWatch(Access("file:/k"), "memory", "a"), keeper)
    return await ActivityEnvironment().run(Watcher(kube, "a", client, ends=ends).run, "0")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(pod_watch, "IDLE_S", 0.2)


@pytest.fixture
def keeper(store):
    return Keeper(Everything(), store)


async def test_the_end_the_logs_and_that_it_is_gone_are_one_signal(kube, store, keeper):
    ended(kube)
    heard = Heard()
    await watched(kube, keeper, heard)

    assert heard.signals == [("pod/web", ["Succeeded"])]
    assert (heard.last.removed, store.get(heard.last.logs)) == (True, b"main of web\n")
    assert not kube.pods
    assert not keeper.done


async def test_what_was_kept_while_nobody_could_be_told_is_told_by_the_next_try(kube, store, keeper):
    ended(kube)
    with pytest.raises(RPCError):
        await watched(kube, keeper, Told(refusing=True))
    assert not kube.pods
    heard = Heard()
    await watched(kube, keeper, heard)

    assert store.get(heard.last.logs) == b"main of web\n"


async def test_an_old_event_does_not_touch_a_new_pod_of_the_name(kube, keeper):
    ended(kube)
    kube.patch("v1", "Pod", "web", {"metadata": {"finalizers": None}}, "a")
    kube.delete("v1", "Pod", "web", "a")
    kube.create(manifest.with_ownership({"spec": {}}, "web", "a", "pod/web", logs_by_watch=True))
    going = asyncio.create_task(watched(kube, keeper, heard := Heard()))
    await asyncio.wait({going}, timeout=0.5)
    going.cancel()

    assert not any(one.removed for one in [heard.last])
    assert kube.get("v1", "Pod", "web", "a")["metadata"]["finalizers"]


async def test_a_pod_that_names_no_secret_is_not_asked_for_one(kube, keeper, monkeypatch):
    reads = Mock(wraps=kube.get)
    ended(kube)
    monkeypatch.setattr(kube, "get", reads)
    await watched(kube, keeper, Heard())

    reads.assert_not_called()


async def test_logs_that_the_cluster_does_not_have_are_told_as_a_gap(kube, keeper):
    def refuses(*_):
        raise SluicewayError("SLW943", "refused", why="no such log")

    ended(kube)
    kube.logs = refuses
    heard = Heard()
    await watched(kube, keeper, heard)

    assert (heard.last.removed, heard.last.logs, heard.last.gap) == (True, "", "main: no such log")


@pytest.mark.parametrize("why", ["an older workflow", "slow logs", "no permit"])
async def test_a_pod_that_cannot_be_let_go_at_once_is_left_to_its_workflow(kube, keeper, monkeypatch, why):
    def refuses(*_):
        raise SluicewayError("SLW943", "refused", why="refused")

    ended(kube, logs_by_watch=why != "an older workflow")
    if why == "slow logs":
        monkeypatch.setattr(pod_ends, "LOGS_S", 0.0)
    if why == "no permit":
        monkeypatch.setattr(Everything, "permit", refuses)
    going = asyncio.create_task(watched(kube, keeper, heard := Heard()))
    while not heard.signals:
        await asyncio.sleep(0.01)
    going.cancel()

    assert (heard.last.phase, heard.last.removed) == ("Succeeded", False)
    assert kube.get("v1", "Pod", "web", "a")["metadata"]["finalizers"]
