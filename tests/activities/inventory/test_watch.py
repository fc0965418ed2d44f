"""A cluster is watched: what is in it becomes rows, and what the watch cannot know is told."""

from __future__ import annotations

import pytest

from domain.inventory.model import Health
from tests.activities.inventory.scene import READY, SILENT, pod, watching
from tests.support.lab import until
from tests.support.played_cluster import PATHS

pytestmark = pytest.mark.usefixtures("soon")


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
