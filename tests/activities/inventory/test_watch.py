"""A cluster is watched: what is in it becomes rows, and what the watch cannot know is told."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from activities.inventory import following, gathered, watch
from activities.inventory.activities import InventoryActivities
from activities.inventory.port import ClusterLife, WatchInput
from activities.inventory.store import InventoryStore
from activities.inventory.tables import EVENTS, OBJECTS, WATCHES
from activities.inventory.watch import ClusterWatch
from activities.kubernetes.port import NoClusterError
from activities.storage.opening import open_database
from domain.inventory.model import Health
from tests.support.lab import until
from tests.support.played_cluster import PATHS, PlayedCluster

READY = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}, "spec": {}}
SILENT = {"status": {"conditions": [{"type": "Ready", "status": "Unknown", "message": "Kubelet stopped"}]}, "spec": {}}


def pod(node="n1", **status):
    told = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], **status}
    return {"spec": {"nodeName": node, "containers": [{"name": "main", "image": "x:1"}]}, "status": told}


def warning(kind, name, reason, message, namespace="team"):
    involved = {"kind": kind, "name": name, "namespace": namespace, "uid": f"uid-{kind}-{namespace}-{name}"}
    at = datetime.fromtimestamp(time.time(), UTC).isoformat()  # what is older than a week is not kept
    return {"involvedObject": involved, "type": "Warning", "reason": reason, "message": message, "lastTimestamp": at}


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Pauses of minutes are moments; what is asked for meanwhile is asked."""
    monkeypatch.setattr(gathered, "TOGETHER_S", 0.01)
    monkeypatch.setattr(watch, "PULSE_S", 0.05)
    monkeypatch.setattr(watch, "FIRST_S", 0.02)
    monkeypatch.setattr(watch, "LONGEST_S", 0.05)
    monkeypatch.setattr(following, "REFUSED_S", 0.05)
    monkeypatch.setattr(following, "AGAIN_S", 0.02)


@pytest.fixture
async def played():
    async with PlayedCluster.here() as cluster:
        yield cluster


class Seen:
    """What is kept of the played cluster."""

    def __init__(self, database):
        self._database = database
        self.store = InventoryStore(database)

    def _all(self, table):
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(table.select()).mappings()]

    def rows(self, kind):
        return {(row["namespace"], row["name"]): row for row in self._all(OBJECTS) if row["kind"] == kind}

    def watch(self):
        found = self._all(WATCHES)
        return found[0] | json.loads(found[0]["body"]) if found else {}

    def events(self):
        return {row["reason"]: row for row in self._all(EVENTS)}

    async def has(self, kind, name, namespace="", **fields):
        def there():
            row = self.rows(kind).get((namespace, name))
            return row if row and all(row[key] == value for key, value in fields.items()) else None

        return await until(there, timeout_s=5)

    async def lacks(self, kind, name, namespace=""):
        await until(lambda: (namespace, name) not in self.rows(kind))

    async def synced(self):
        return await until(lambda: self.watch().get("synced_at"))


@pytest.fixture
def seen(tmp_path):
    database = open_database(tmp_path / "records.db")
    yield Seen(database)
    database.close()


@asynccontextmanager
async def watching(played, seen):
    kube = played.kube()
    task = asyncio.create_task(ClusterWatch("c", lambda: kube, seen.store).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.done()
        if not task.cancelled():
            task.result()


async def test_all_kinds_are_listed_by_pages_and_each_change_is_told(played, seen):
    played.page = 2
    for number in range(5):
        await played.put("Pod", f"p{number}", "team", **pod())
    async with watching(played, seen):
        await seen.synced()
        assert len(seen.rows("Pod")) == 5
        await played.put("Pod", "p5", "team", **pod())
        await played.put("Pod", "p0", "team", **pod(phase="Failed", reason="Evicted", message="disk full"))
        await played.delete("Pod", "p1", "team")

        await seen.has("Pod", "p5", "team", status="Running")
        evicted = await seen.has("Pod", "p0", "team", status="Evicted")
        await seen.lacks("Pod", "p1", "team")

    assert (evicted["health"], evicted["reason"]) == (Health.DEGRADED.rank, "disk full")
    assert {path.split("?")[0] for path in played.asked} >= set(PATHS.values())


async def test_a_list_that_expires_is_listed_again_and_loses_nothing(played, seen):
    played.page = 2
    played.expires_once = {PATHS["Pod"]}
    for number in range(5):
        await played.put("Pod", f"p{number}", "team", **pod())
    async with watching(played, seen):
        await seen.synced()

        assert len(seen.rows("Pod")) == 5


async def test_a_version_that_is_too_old_sweeps_what_is_gone_after_the_new_list(played, seen):
    await played.put("Pod", "stays", "team", **pod())
    await played.put("Pod", "goes", "team", **pod())
    async with watching(played, seen):
        await seen.synced()
        played.objects[PATHS["Pod"]].pop(("team", "goes"))  # nobody is told
        played.version += 10
        played.expired_below = played.version
        played.cut()
        await seen.lacks("Pod", "goes", "team")

        assert ("team", "stays") in seen.rows("Pod")


async def test_rows_of_an_earlier_watch_stay_until_the_list_is_whole(played, seen):
    await played.put("Pod", "stays", "team", **pod())
    await played.put("Pod", "goes", "team", **pod())
    async with watching(played, seen):
        await seen.synced()
    await played.delete("Pod", "goes", "team")
    played.away = True
    played.cut()
    async with watching(played, seen):
        await until(lambda: seen.watch()["trouble"])
        assert len(seen.rows("Pod")) == 2
        played.away = False
        await seen.lacks("Pod", "goes", "team")

        assert ("team", "stays") in seen.rows("Pod")


async def test_a_cluster_that_is_away_is_told_and_goes_on_where_it_was(played, seen):
    await played.put("Pod", "p", "team", **pod())
    async with watching(played, seen):
        await seen.synced()
        played.away = True
        played.cut()
        told = await until(lambda: seen.watch() if seen.watch()["trouble"] else None)
        lists = sum("watch" not in path and "/pods" in path for path in played.asked)
        await played.put("Pod", "late", "team", **pod())
        played.away = False
        await seen.has("Pod", "late", "team")
        await until(lambda: not seen.watch()["trouble"])

    assert told["trouble"].startswith("the API server does not respond")
    assert told["trouble_since"] > 0
    assert lists == sum("watch" not in path and "/pods" in path for path in played.asked)


async def test_a_kind_that_may_not_be_read_is_told_and_read_as_soon_as_it_may(played, seen):
    await played.put("Pod", "p", "team", **pod())
    played.refused = {PATHS["Pod"]: 403}
    async with watching(played, seen):
        await seen.synced()
        assert seen.watch()["unwatched"]["Pod"] == "403: it may not"
        played.refused = {}
        await seen.has("Pod", "p", "team")

        await until(lambda: "Pod" not in seen.watch()["unwatched"])


async def test_a_kind_whose_server_fails_keeps_its_rows_and_the_cluster_is_heard_of(played, seen):
    await played.put("Pod", "p", "team", **pod())
    async with watching(played, seen):
        await seen.synced()
        played.refused = {PATHS["Pod"]: 500}
        played.cut()
        await until(lambda: seen.watch()["unwatched"].get("Pod") == "500: it may not")

        assert ("team", "p") in seen.rows("Pod")
        assert not seen.watch()["trouble"]


async def test_a_credential_that_is_refused_is_trouble(played, seen):
    played.refused = {"/version": 401}
    async with watching(played, seen):
        told = await until(lambda: seen.watch() if seen.watch()["trouble"] else None)

    assert told["trouble"].startswith("the API server does not take this credential")
    assert not told["heard_at"]


async def test_bookmarks_move_a_watch_on(played, seen):
    async with watching(played, seen):
        await seen.synced()
        await played.bookmark()
        await played.put("Namespace", "last")
        await seen.has("Namespace", "last")
        heard = played.version
        played.expired_below = heard - 1
        played.cut()
        await played.put("Pod", "p", "team", **pod())
        await seen.has("Pod", "p", "team")

    lists = [path for path in played.asked if path.startswith(PATHS["Pod"]) and "watch" not in path]
    assert len(lists) == 1


async def test_pods_of_a_node_that_is_lost_are_unknown_until_it_is_back(played, seen):
    await played.put("Node", "n1", **READY)
    await played.put("Pod", "p", "team", **pod())
    await played.put("Pod", "other", "team", **pod(node="n2"))
    async with watching(played, seen):
        await seen.synced()
        await played.put("Node", "n1", **SILENT)
        lost = await seen.has("Pod", "p", "team", status="NodeLost")
        await played.put("Node", "n1", **READY)
        await seen.has("Pod", "p", "team", status="Running")

        assert seen.rows("Pod")["team", "other"]["status"] == "Running"
    assert (lost["health"], lost["reason"]) == (Health.UNKNOWN.rank, "its node n1 is not heard of")


async def test_a_warning_explains_its_pod_and_the_pod_its_workload(played, seen):
    container = {"name": "main", "ready": False, "state": {"waiting": {"reason": "ContainerCreating"}}}
    waits = pod(phase="Pending", conditions=[], containerStatuses=[container])
    owner = [{"kind": "ReplicaSet", "name": "web-5d", "controller": True}]
    meta = {"labels": {"pod-template-hash": "5d"}, "ownerReferences": owner}
    await played.put("Deployment", "web", "team", spec={"replicas": 1}, status={"updatedReplicas": 1, "replicas": 1})
    await played.put("Pod", "web-5d-x", "team", metadata=meta, **waits)
    async with watching(played, seen):
        await seen.synced()
        await seen.has("Deployment", "web", "team", health=Health.PROGRESSING.rank)
        await played.put("Event", "e", "team", **warning("Pod", "web-5d-x", "FailedMount", 'secret "key" not found'))
        await seen.has("Pod", "web-5d-x", "team", reason='FailedMount: secret "key" not found')
        late = await seen.has("Deployment", "web", "team", health=Health.DEGRADED.rank)
        await played.put("Pod", "web-5d-x", "team", metadata=meta, **pod())
        await seen.has("Pod", "web-5d-x", "team", status="Running", reason="")
        await seen.has("Deployment", "web", "team", health=Health.PROGRESSING.rank)

        ended = await until(lambda: one if (one := seen.events()["FailedMount"])["ended_at"] else None)
    assert late["reason"].endswith('pod web-5d-x: FailedMount: secret "key" not found')
    assert ended["ended_because"] == "it is healthy again"


async def test_events_that_kubernetes_has_forgotten_meanwhile_have_ended(played, seen):
    await played.put("Event", "kept", "team", **warning("Pod", "p", "Kept", "still"))
    await played.put("Event", "gone", "team", **warning("Pod", "q", "Gone", "no more"))
    async with watching(played, seen):
        await until(lambda: len(seen.events()) == 2)
    await played.delete("Event", "gone", "team")
    async with watching(played, seen):
        ended = await until(lambda: one if (one := seen.events()["Gone"])["ended_at"] else None)

    assert ended["ended_because"].startswith("Kubernetes has forgotten it")
    assert not seen.events()["Kept"]["ended_at"]


async def test_a_warning_about_what_is_deleted_has_ended(played, seen):
    await played.put("Pod", "p", "team", **pod(phase="Pending", conditions=[]))
    await played.put("Event", "e", "team", **warning("Pod", "p", "FailedScheduling", "0/1 nodes"))
    async with watching(played, seen):
        await until(lambda: seen.events().get("FailedScheduling"))
        await played.delete("Pod", "p", "team")
        ended = await until(lambda: one if (one := seen.events()["FailedScheduling"])["ended_at"] else None)

    assert ended["ended_because"] == "what it was about is gone"


async def test_an_object_of_a_strange_shape_is_a_row_and_hides_no_other(played, seen):
    await played.put("Pod", "fine", "team", **pod())
    await played.put("Pod", "strange", "team", spec={"containers": "none"})
    async with watching(played, seen):
        await seen.synced()
        await played.put("Pod", "stranger", "team", status=[])
        told = await seen.has("Pod", "stranger", "team", status="Unreadable")
        assert {name: row["status"] for (_, name), row in seen.rows("Pod").items()} == {
            "fine": "Running",
            "strange": "Unreadable",
            "stranger": "Unreadable",
        }
    assert told["health"] == Health.UNKNOWN.rank


async def test_an_answer_that_is_no_list_is_told_and_asked_for_again(played, seen):
    await played.put("Pod", "p", "team", **pod())
    played.bodies = {PATHS["Pod"]: b"<html>a proxy</html>"}
    async with watching(played, seen):
        await until(lambda: "Pod" in (seen.watch().get("unwatched") or {}))
        played.bodies = {}
        await seen.has("Pod", "p", "team")


async def test_an_unchanged_object_writes_nothing(played, seen, monkeypatch):
    await played.put("Pod", "p", "team", **pod())
    written: list[str] = []
    apply = seen.store.apply

    def spied(cluster, rows, gone):
        written.extend(row.name for row in rows)
        apply(cluster, rows, gone)

    monkeypatch.setattr(seen.store, "apply", spied)
    async with watching(played, seen):
        await seen.synced()
        before = len(written)
        await played.put("Pod", "p", "team", **pod())
        await played.put("Pod", "q", "team", **pod())
        await seen.has("Pod", "q", "team")

    assert written[before:] == ["q"]


async def test_a_watch_ends_with_the_reason_when_its_cluster_is_deleted(played, seen):
    kube, is_gone = played.kube(), asyncio.Event()

    def reach(name):
        if is_gone.is_set():
            raise NoClusterError("SLW943", f"cluster {name} no longer exists", why="its cluster was deleted")
        return kube

    activities = InventoryActivities(reach, seen.store)
    watch_ = asyncio.create_task(activities.watch_inventory(WatchInput("c")))
    await seen.synced()
    is_gone.set()

    assert await asyncio.wait_for(watch_, 10) == "cluster c no longer exists: its cluster was deleted"


async def test_a_watch_that_is_cancelled_has_let_go(played, seen):
    kube = played.kube()
    activities = InventoryActivities(lambda name: kube, seen.store)
    watch_ = asyncio.create_task(activities.watch_inventory(WatchInput("c")))
    await seen.synced()
    watch_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch_

    await until(lambda: not played.connections)


async def test_a_watch_ends_after_its_time_for_its_workflow_to_look(played, seen):
    kube = played.kube()

    assert "looked" in await InventoryActivities(lambda name: kube, seen.store, lasts_s=0.05).watch_inventory(
        WatchInput("c")
    )


async def test_a_life_is_recorded_and_all_of_a_cluster_is_forgotten(played, seen):
    activities = InventoryActivities(lambda name: played.kube(), seen.store)
    await activities.record_cluster(ClusterLife(name="c", status="ready"))
    await played.put("Pod", "p", "team", **pod())
    async with watching(played, seen):
        await seen.synced()
    await activities.record_cluster(ClusterLife(name="c"))

    assert (seen.rows("Pod"), seen.watch()) == ({}, {})
