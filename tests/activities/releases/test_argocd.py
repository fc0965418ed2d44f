"""The activity that syncs an Application: over an API server in memory, where Argo CD's controller is played."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.argocd.activities import ArgocdActivities
from activities.releases.argocd.port import SyncDone, SyncRequest
from domain.clusters.access import Access
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from domain.releases.argocd.application import API, KIND
from domain.releases.argocd.job import ArgocdSync
from tests.support.played_argocd import NAME, NAMESPACE, PlayedArgo, application

REQUEST = SyncRequest(ArgocdSync("edge", NAMESPACE, NAME, limit_s=20), "k1")


class Watched(MemoryObjects):
    """Its controller takes a turn before every look."""

    def __init__(self, turn: Callable[[], None]) -> None:
        super().__init__()
        self.turn, self._inside = turn, threading.local()

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        if not getattr(self._inside, "on", False):
            self._inside.on = True
            self.turn()
            self._inside.on = False
        return super().get(api_version, kind, name, namespace)


@pytest.fixture
def argo() -> PlayedArgo:
    def turn() -> None:
        played.tell()
        played.look()
        played.end()
        played.begin()

    played = PlayedArgo(Watched(turn))
    return played


def activities(folder: Path, api: MemoryObjects) -> ArgocdActivities:
    book = AddressBook(folder / "book")
    book.remember("edge", Access("file:/k"))
    return ArgocdActivities(lambda access, cluster: api, book, permits=Everything(), every_s=0)


async def synced(folder: Path, argo: PlayedArgo, request: SyncRequest = REQUEST) -> SyncDone:
    assert isinstance(argo.api, MemoryObjects)
    return await ActivityEnvironment().run(activities(folder, argo.api).sync, request)


@pytest.fixture
def shop(argo: PlayedArgo) -> PlayedArgo:
    argo.api.create(application())
    return argo


async def test_an_application_is_synced_and_its_commit_is_told(tmp_path, shop):
    done = await synced(tmp_path, shop)
    assert (done.refusal, done.revision) == ("", shop.head)


async def test_a_second_try_asks_for_no_second_sync(tmp_path, shop):
    await synced(tmp_path, shop)
    before = shop.read()["status"]["operationState"]
    await synced(tmp_path, shop)
    assert shop.read()["status"]["operationState"] == before


async def test_what_does_not_get_healthy_ends_with_what_it_is(tmp_path, shop):
    shop.health = "Progressing"
    done = await synced(tmp_path, shop, SyncRequest(ArgocdSync("edge", NAMESPACE, NAME, limit_s=0.2), "k1"))
    assert done.refusal.startswith("not within 0.2 s")


async def test_an_application_that_is_not_there_is_a_result(tmp_path, argo):
    argo.api.turn = lambda: None
    assert "there is no Application argocd/shop in edge" in (await synced(tmp_path, argo)).refusal


async def test_a_change_of_somebody_else_is_looked_at_before_a_sync_is_asked_for(tmp_path, shop):
    patch, asked = shop.api.patch, []

    def raced(api_version: str, kind: str, name: str, change: Object, namespace: str = "") -> Object | None:
        if "operation" in change and "metadata" in change:
            asked.append(change)
            if len(asked) == 1:
                patch(API, KIND, NAME, {"metadata": {"labels": {"a": "b"}}}, NAMESPACE)
        return patch(api_version, kind, name, change, namespace)

    shop.api.patch = raced
    done = await synced(tmp_path, shop)
    assert (done.refusal, len(asked)) == ("", 2)


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_a_refusal_of_the_api_server_is_a_result(tmp_path, shop, status):
    def refused(*args: object, **more: object) -> None:
        raise SluicewayError("SLW943", "the API server refused it", why=f"{status}: no", transient=True, status=status)

    shop.api.get = refused
    assert f"{status}: no" in (await synced(tmp_path, shop)).refusal


async def test_a_revision_that_is_none_is_never_sent(tmp_path, shop):
    done = await synced(tmp_path, shop, SyncRequest(ArgocdSync("edge", NAMESPACE, NAME, "--upload-pack=x"), "k1"))
    assert "is no commit, branch or tag" in done.refusal
    assert "operation" not in shop.read()
