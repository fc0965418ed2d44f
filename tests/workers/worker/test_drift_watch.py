"""Drift is looked for as often as what is registered says, and by no schedule that nothing asks for any more."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from temporalio import workflow
from temporalio.client import Client, Schedule, ScheduleAlreadyRunningError, ScheduleState, ScheduleUpdate
from temporalio.service import RPCError, RPCStatusCode

from activities.access.definition_store import DefinitionReader
from activities.notifications.port import NotifyActivities
from activities.releases.drift.port import Drift, DriftActivities
from domain.releases.kubernetes.drift_classes import EVERY_S
from tests.support.lab import Lab, until
from workers.worker import drift_watch
from workers.worker.drift_watch import BEGINNING, LOOKS_AN_HOUR, DriftWatch, offset_of, watched
from workflows.scans.messages import RescanInput, RescanResult
from workflows.scans.rescan import RescanWorkflow


class Server:
    """Temporal's schedules."""

    def __init__(self, *ids: str) -> None:
        self.schedules: dict[str, Any] = dict.fromkeys(ids)
        self.calls = 0

    async def list_schedules(self) -> Any:
        async def every() -> Any:
            for id_ in list(self.schedules):
                yield SimpleNamespace(id=id_)

        return every()

    async def create_schedule(self, id_: str, schedule: Schedule) -> None:
        self.calls += 1
        if id_ in self.schedules:
            raise ScheduleAlreadyRunningError
        self.schedules[id_] = schedule

    def get_schedule_handle(self, id_: str) -> Any:
        async def delete() -> None:
            del self.schedules[id_]

        async def update(updater: Callable[[Any], ScheduleUpdate]) -> None:
            now = SimpleNamespace(description=SimpleNamespace(schedule=self.schedules[id_]))
            self.schedules[id_] = updater(now).schedule

        return SimpleNamespace(delete=delete, update=update)

    def watch(self, wanted: dict[str, float]) -> DriftWatch:
        return DriftWatch(cast("Client", self), lambda: wanted)

    def every(self) -> dict[str, float]:
        return {id_: one.spec.intervals[0].every.total_seconds() for id_, one in self.schedules.items() if one}


async def test_each_environment_has_a_schedule_of_its_own() -> None:
    server, wanted = Server("schedule/rescan"), {"production": 60.0, "test": 30.0}
    watch = server.watch(wanted)
    await watch.look()
    await watch.look()
    assert server.every() == {"drift/production": 60.0, "drift/test": 30.0}
    assert server.calls == 2
    made = server.schedules["drift/test"]
    assert (made.action.id, made.action.args) == ("drift/test", [RescanInput("test")])


async def test_what_is_registered_otherwise_is_changed_and_what_is_not_any_more_is_removed() -> None:
    server, wanted = Server(), {"production": 60.0, "test": 30.0}
    watch = server.watch(wanted)
    await watch.look()
    wanted["production"] = 90.0
    del wanted["test"]
    await watch.look()
    assert server.every() == {"drift/production": 90.0}


async def test_a_database_or_a_server_that_is_away_for_a_moment_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = [RPCError("away", RPCStatusCode.UNAVAILABLE, b""), OperationalError("select 1", {}, ConnectionError())]

    async def look(self: DriftWatch) -> None:
        raise broken.pop() if broken else asyncio.CancelledError

    monkeypatch.setattr(DriftWatch, "look", look)
    monkeypatch.setattr(drift_watch, "LOOK_S", 0)
    with pytest.raises(asyncio.CancelledError):
        await Server().watch({}).watch()
    assert broken == []


async def test_each_hour_all_are_sealed_by_the_key_of_then_and_made_again_where_somebody_has_deleted_them() -> None:
    server = Server()
    watch = server.watch({"production": 60.0})
    for _ in range(LOOKS_AN_HOUR):
        await watch.look()
    assert server.calls == 1
    server.schedules.clear()
    await watch.look()
    assert server.every() == {"drift/production": 60.0}


async def test_a_worker_that_starts_removes_what_is_left_over_and_starts_nothing_that_was_paused() -> None:
    server = Server("schedule/rescan", "drift/gone")
    await server.watch({"production": 60.0}).look()
    server.schedules["drift/production"].state = ScheduleState(paused=True)
    await server.watch({"production": 30.0}).look()
    assert list(server.schedules) == ["schedule/rescan", "drift/production"]
    assert server.every() == {"drift/production": 30.0}
    assert server.schedules[BEGINNING + "production"].state.paused


@given(st.text(max_size=63), st.floats(10, 1e6))
def test_a_look_comes_within_each_period(name: str, seconds: float) -> None:
    assert timedelta() <= offset_of(name, timedelta(seconds=seconds)) < timedelta(seconds=seconds)


def test_what_runs_in_a_cluster_is_watched_unless_its_environment_says_otherwise() -> None:
    texts = {"laptop": {}, "edge": {"cluster": "c"}, "quiet": {"drift_every": 0}, "newer": {"drift": "other"}}
    bodies = {name: {"target": {"kubernetes": text}} for name, text in texts.items()}
    known = SimpleNamespace(every=lambda kind: {"Environment": bodies}[kind])
    assert watched(cast("DefinitionReader", known)) == {"edge": EVERY_S}


async def test_people_are_told_of_new_drift_and_of_its_end_and_of_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = []
    known = Drift("production/web/r1", ("x",), told=True)
    found = [Drift("production/api/r1", ("y",)), known, Drift("production/web/r0", (), over="it is gone")]

    async def execute(method: Any, arg: Any, **options: Any) -> Any:
        if method is NotifyActivities.notify:
            told.append((arg.kind, arg.subject))
            return None
        assert (method, arg) == (DriftActivities.look, "production")
        return found

    monkeypatch.setattr(workflow, "execute_activity_method", execute)
    result = await RescanWorkflow().run(RescanInput("production"))
    assert result.drifts == tuple(found[:2])
    assert told == [("drift", "production/api/r1"), ("drift-over", "production/web/r0")]


@pytest.mark.system
async def test_a_look_that_is_due_is_made_by_a_worker(temporal_address: str, tmp_path: Path) -> None:
    name = f"e{secrets.token_hex(4)}"
    async with Lab.on(temporal_address, tmp_path) as lab:
        watch = DriftWatch(lab.engine.client, lambda: {name: 3_600.0}, queue=lab.engine.queue)
        await watch.look()
        schedule = lab.engine.client.get_schedule_handle(BEGINNING + name)
        await schedule.trigger()

        async def made() -> Any:
            return (await schedule.describe()).info.recent_actions

        (one,) = await until(made)
        begun = lab.engine.client.get_workflow_handle(one.action.workflow_id, result_type=RescanResult)
        assert await begun.result() == RescanResult()
        await schedule.delete()
