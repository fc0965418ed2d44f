"""A grant that is taken back while a run is under way stops its next effect, and the job says by which rule."""

from __future__ import annotations

import json
import time

import pytest

from activities.access.grant_store import GrantStore
from domain.access.grants import Grant, GrantKind
from domain.access.role import Role
from domain.core.documents import Node
from domain.triggers.events import EventSource
from tests.support.given import developers
from tests.support.lab import Lab

JOBS = """jobs:
  first:
    run: while ! test -e "$GATE"; do sleep 0.02; done
    env: {GATE: "%s"}
  second: {needs: first, run: 'true'}
"""


def reason(lab: Lab, run: str, job: str) -> str:
    row = next(one for one in lab.records.runs.jobs(run) if one["job"] == job)
    return Node(json.loads(row["result"]))["reason"].text()


async def test_a_revoked_grant_stops_the_next_effect_of_a_run_under_way(lab: Lab) -> None:
    lab.identity("ann")
    given, gate = developers(lab, "root", "ann"), lab.settings.home / "gate"
    run = await lab.start(JOBS % gate, actor="ann", actor_from=EventSource.SERVER)
    await lab.begun(run, "first")
    with lab.records.database.write() as connection:
        assert GrantStore(lab.records.database).revoke(connection, given, "person:bob", time.time())
    gate.touch()
    result = await lab.result(run)

    first, second = (
        next(job for job in lab.records.runs.jobs(run) if job["job"] == name) for name in ("first", "second")
    )
    assert (first["status"], second["status"]) == ("passed", "failed")
    assert "SLW484" in reason(lab, run, "second")
    assert "default/deny" in reason(lab, run, "second")
    assert "default/deny" in str(result)
    denied = [one for one in lab.records.audit.store.entries() if one.columns["outcome"] == "denied"]
    assert [(one.columns["actor"], one.columns["action"]) for one in denied] == [("person:ann", "effect:execute")]


async def test_a_person_who_is_locked_out_or_whom_nobody_knows_starts_nothing(lab: Lab) -> None:
    developers(lab, "root", "ann")
    run = await lab.start("jobs:\n  a: {run: 'true'}\n", actor="ann", actor_from=EventSource.SERVER)
    await lab.result(run)
    assert "people/disabled" in reason(lab, run, "a")


@pytest.mark.parametrize("founded", [False, True])
async def test_a_home_in_which_nobody_else_has_rights_goes_on_as_its_owners(lab: Lab, founded: bool) -> None:
    if founded:  # by `up`: the first administrator's, before anybody has logged in
        _written(lab)
    run = await lab.start("jobs:\n  a: {run: 'true'}\n", actor="ann")
    await lab.result(run)
    assert lab.records.runs.jobs(run)[0]["status"] == "passed"


async def test_a_person_at_a_server_who_was_given_nothing_starts_nothing_where_nobody_else_has_rights(lab: Lab) -> None:
    _written(lab)
    run = await lab.start("jobs:\n  a: {run: 'true'}\n", actor="ann", actor_from=EventSource.SERVER)
    await lab.result(run)
    assert "SLW484" in reason(lab, run, "a")


def _written(lab: Lab) -> None:
    made = Grant(id=0, kind=GrantKind.ROLE, principal="person:root", role=Role.ADMIN, resource="engine:engine")
    with lab.records.database.write() as connection:
        GrantStore(lab.records.database).add(connection, made)
