"""Rights on both databases: a list's WHERE clause is one decision for each row."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from activities.access.decider import Decider
from activities.access.label_store import Proposal
from activities.access.rights import AT_ONCE
from activities.access.row_filter import RowFilter
from domain.access.actions import READS, Action
from domain.access.grants import Grant, GrantKind
from domain.access.labels import Label
from domain.access.owner import is_owner
from domain.access.policy_sets import PolicySet, PolicyState, Step
from domain.access.principal import OWNER, Caller, Principal, PrincipalKind
from domain.access.resource import Resource, ResourceKind
from domain.access.role import Role
from domain.core.errors import RefusedError
from domain.core.values import Json
from tests.support import access
from tests.support.profile import first_of
from workers.core.records import Records

COLUMNS = ("name", "pipeline", "environment", "cluster", "owner")
KINDS = (ResourceKind.RUN, ResourceKind.RELEASE, ResourceKind.PIPELINE, ResourceKind.ENVIRONMENT, ResourceKind.PERSON)
SETS = {
    "narrow": """
@id("pbac/payments") forbid (principal, action, resource is Run)
when { resource.pipeline == "api" && !(["person:ann", "person:bob"].contains(resource.owner)) };
@id("abac/sales") permit (principal, action in Action::"reads", resource in Project::"shop")
when { principal has department && principal.department == "sales" };
@id("pbac/secret") forbid (principal, action, resource) when { 1 < resource.level && resource.integrity == 0 };
""",
    "odd": """
@id("pbac/odd") forbid (principal, action, resource) when { resource.name like "w*" };
""",
}


@pytest.fixture
def decider(records: Records) -> Decider:
    return Decider(records.rights, clock=lambda: access.NOW)


def fill(records: Records, random: Random, sets: Sequence[str] = ()) -> list[Resource]:
    rights = records.rights
    rows = [access.resource(random, KINDS[number % len(KINDS)]) for number in range(120)]
    rows = [row if number % 7 == 0 else replace(row, name=f"n{number}") for number, row in enumerate(rows)]
    with records.database.write() as connection:
        for grant in access.grants(random, 40):
            rights.grants.add(connection, grant)
        for id_ in access.IDS[:-1]:
            if random.random() < 0.3:
                rights.labels.set(connection, id_, access.label(random), "person:kim", "person:lee", access.NOW)
            if random.random() < 0.4 and id_.startswith(("pipeline", "environment", "cluster")):
                rights.projects.move(connection, id_, "shop")
        for person in access.PEOPLE:
            label = access.label(random)
            rights.labels.set(connection, f"person:{person}", label, "person:kim", "person:lee", access.NOW)
        for name in sets:
            activate(records, connection, name, SETS[name])
        connection.execute(
            text(f"create table listed (n integer, kind text, {', '.join(f'{c} text' for c in COLUMNS)})")
        )
        for number, row in enumerate(rows):
            values = {c: getattr(row, c) for c in COLUMNS}
            marks = ", ".join(f":{c}" for c in ("n", "kind", *COLUMNS))
            connection.execute(text(f"insert into listed values ({marks})"), {"n": number, "kind": row.kind, **values})
    return [Resource(kind=row.kind, **{c: getattr(row, c) for c in COLUMNS}) for row in rows]


def activate(records: Records, connection, name: str, cedar: str) -> None:
    made = records.rights.policies.draft(connection, name, cedar, "person:kim", access.NOW)
    for state, person in (("simulated", "person:kim"), ("shadow", "person:kim"), ("active", "person:lee")):
        step = Step(state=PolicyState(state), person=person, digest=made.digest, at=access.NOW)
        records.rights.policies.move(connection, made, step)
        made = replace(made, state=step.state)


def compare(
    records: Records, decider: Decider, rows: list[Resource], random: Random, wanted: int, every: int = 1
) -> tuple[int, int]:
    """Pairs, and those that are kept: the clause against a batch, and the batch against one decision for each row.

    `every`: of so many lists, one is decided row by row, each alone with its own look at the records.
    """
    pairs = kept = lists = 0
    while pairs < wanted:
        caller, kind = access.caller(random), random.choice(KINDS)
        action = random.choice(sorted(READS))
        readable = decider.readable(caller, action, kind)
        sql, values = readable.where({c: c for c in COLUMNS})
        query = f"select n from listed where kind = :kind and {sql}"
        found = {row["n"] for row in records.database.rows(query, kind=kind, **values)}
        these = [(number, row) for number, row in enumerate(rows) if row.kind == kind]
        batch = {n for (n, _), ok in zip(these, readable.keep([row for _, row in these]), strict=True) if ok}
        if lists % every == 0:
            assert batch == {number for number, row in these if decider.decide(caller, action, row).allowed}
        assert found == batch if readable.exact else found >= batch, (caller, action, kind, sql)
        pairs, kept, lists = pairs + len(these), kept + len(batch), lists + 1
    return pairs, kept


@pytest.mark.parametrize("sets", first_of((("narrow",),), ((),), (("odd",),)))
def test_a_where_clause_is_one_decision_for_each_row(records: Records, decider: Decider, sets):
    random = Random(11)
    rows = fill(records, random, sets)
    pairs, kept = compare(records, decider, rows, random, 1_000, every=8)
    assert pairs // 50 < kept < pairs


@pytest.mark.system
@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sets", [(), ("narrow",), ("odd",)])
def test_a_where_clause_is_one_decision_for_each_of_100_000_rows(records: Records, decider: Decider, sets):
    random = Random(12)
    rows = fill(records, random, sets)
    compare(records, decider, rows, random, 34_000, every=20)


def test_columns_of_a_list_are_its_own_whatever_they_are_called(records: Records, decider: Decider):
    with records.database.write() as connection:
        records.rights.grants.add(connection, _grant(until=0.0))
        records.rights.projects.move(connection, "pipeline:web", "default")
        records.rights.labels.set(connection, "pipeline:api", access.label(Random(1)), "a", "b", access.NOW)
        connection.execute(text("create table listed (id text, resource text, subject text, level text, project text)"))
        connection.execute(text("insert into listed values ('run/web/1', 'web', 'e', 'c', 'person:bob')"))
    ann = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), channel="api")
    columns = {"name": "id", "pipeline": "resource", "environment": "subject", "cluster": "level", "owner": "project"}
    sql, values = decider.readable(ann, Action.RUNS_READ, ResourceKind.RUN).where(columns)
    assert len(records.database.rows(f"select id from listed where {sql}", **values)) == 1


def test_a_list_that_no_clause_can_say_is_decided_row_by_row(records: Records, decider: Decider):
    fill(records, Random(13), ("odd",))
    ann = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), channel="api")
    readable = decider.readable(ann, Action.RUNS_READ, ResourceKind.RUN)
    assert not readable.exact
    assert not readable.everything


@pytest.mark.parametrize("sets", first_of((("narrow",),), (("odd",),)))
def test_many_who_ask_at_one_moment_may_read_what_each_may_alone(records: Records, decider: Decider, sets):
    random = Random(14)
    fill(records, random, sets)
    owner = Caller(principal=OWNER, channel="cli")
    callers = [owner, *(access.caller(random) for _ in range(AT_ONCE + 5)), owner]
    together = decider.readable_each(callers, Action.RUNS_READ, ResourceKind.RUN)
    alone = [decider.readable(one, Action.RUNS_READ, ResourceKind.RUN) for one in callers]
    assert [one.caller for one in together] == callers
    found = [_listed(records, one) for one in together]
    assert found == [_listed(records, one) for one in alone]
    assert len(set(found)) > 3 or not together[1].exact  # then each row is decided by itself


def _listed(records: Records, readable: RowFilter) -> tuple[Json, ...]:
    sql, values = readable.where({c: c for c in COLUMNS})
    query = f"select n from listed where kind = 'run' and {sql} order by n"
    return tuple(row["n"] for row in records.database.rows(query, **values))


def test_the_owner_of_a_home_needs_no_condition(records: Records, decider: Decider):
    readable = decider.readable(Caller(principal=OWNER, channel="cli"), Action.RUNS_READ, ResourceKind.RUN)
    assert readable.everything
    far = Caller(principal=OWNER, channel="api")
    assert decider.readable(far, Action.RUNS_READ, ResourceKind.RUN).where({"name": "name"})[0] == "1 = 0"


def test_a_revoked_and_an_ended_grant_give_nothing(records: Records, decider: Decider):
    ann = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), channel="api")
    run = Resource(kind=ResourceKind.RUN, name="run/web/1", pipeline="web")
    with records.database.write() as connection:
        (one, other) = (
            records.rights.grants.add(connection, grant) for grant in (_grant(until=0.0), _grant(until=access.NOW - 1))
        )
    assert decider.decide(ann, Action.RUNS_READ, run).rule == f"grant/{one.id}"
    with records.database.write() as connection:
        assert records.rights.grants.revoke(connection, one.id, "person:kim", access.NOW)
        assert not records.rights.grants.revoke(connection, one.id, "person:kim", access.NOW)
    assert decider.decide(ann, Action.RUNS_READ, run).rule == "default/deny"
    assert other.id != one.id
    sql, values = decider.readable(ann, Action.RUNS_READ, ResourceKind.RUN).where({"name": "'x'", "pipeline": "'web'"})
    assert records.database.rows(f"select 1 as one where {sql}", **values) == []


def _grant(until: float):
    return Grant(
        id=0,
        kind=GrantKind.ROLE,
        principal="person:ann",
        role=Role.VIEWER,
        resource="project:default",
        until=until,
    )


def test_policies_that_nobody_activated_refuse_everybody(records: Records, decider: Decider):
    ann = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), channel="api")
    run = Resource(kind=ResourceKind.RUN, name="run/web/1", pipeline="web")
    with records.database.write() as connection:
        records.rights.grants.add(connection, _grant(until=0.0))
        activate(records, connection, "narrow", SETS["narrow"])
    assert decider.decide(ann, Action.RUNS_READ, run).allowed
    with records.database.write() as connection:
        connection.execute(text("update policy_sets set text = 'permit (principal, action, resource);'"))
    assert decider.decide(ann, Action.RUNS_READ, run).rule == "engine/policies"
    assert decider.readable(ann, Action.RUNS_READ, ResourceKind.RUN).where({})[0] == "1 = 0"
    assert decider.decide(Caller(principal=OWNER, channel="cli"), Action.RUNS_READ, run).allowed


def test_a_decision_is_remembered_with_all_that_it_depended_on(records: Records, decider: Decider):
    random = Random(14)
    fill(records, random)
    for _ in range(30):
        caller, action, resource = access.caller(random), random.choice(tuple(Action)), access.resource(random)
        verdict = decider.decide(caller, action, resource)
        if is_owner(caller):
            continue
        decider.remember(caller, action, resource, verdict)
        kept = next(records.rights.decisions.since(0))
        assert (kept.allowed, kept.rule) == (verdict.allowed, verdict.rule)
        engine = decider.engine()
        assert engine is not None
        assert engine.ask([kept.question])[0].allowed == verdict.allowed


def test_of_two_versions_that_are_activated_at_once_one_is_active(records: Records):
    with records.database.write() as connection:
        made = [records.rights.policies.draft(connection, "narrow", SETS["narrow"], "person:kim", 1.0) for _ in "ab"]
    together, states = Barrier(2), []

    def activated(found: PolicySet) -> None:
        step = Step(state=PolicyState.ACTIVE, person="person:lee", digest=found.digest, at=access.NOW)
        together.wait(30)
        try:
            with records.database.write() as connection:
                records.rights.policies.move(connection, found, step)
        except RefusedError as late:
            states.append(late.code)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(activated, made))
    found = [one.state for one in records.rights.policies.versions("narrow")]
    assert found.count(PolicyState.ACTIVE) == 1
    assert states in ([], ["SLW414"])  # one after the other, the first is retired by the second


def test_a_version_is_not_activated_beside_one_that_is_being_activated(records: Records):
    with records.database.write() as connection:
        one, other = (
            records.rights.policies.draft(connection, "narrow", SETS["narrow"], "person:kim", 1.0) for _ in "ab"
        )
        records.rights.policies.move(connection, one, Step(state=PolicyState.ACTIVE, person="p", digest="d", at=1.0))
    with pytest.raises(IntegrityError), records.database.write() as connection:  # as if it had not seen the other
        connection.execute(text("update policy_sets set state = 'active' where version = :at"), {"at": other.version})


def test_of_two_first_proposals_of_a_label_at_once_one_waits_for_a_second_person(records: Records):
    together = Barrier(2)

    def propose(by: str) -> None:
        one = Proposal(subject="pipeline:web", label=Label(level=1), by=by, at=access.NOW)
        with records.database.write() as connection:
            if not records.database.is_sqlite:  # which lets one writer in at a time
                together.wait(30)
            records.rights.labels.propose(connection, one)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(propose, ("person:kim", "person:lee")))
    with records.database.write() as connection:
        found = records.rights.labels.proposal(connection, "pipeline:web")
    assert found is not None
    assert found.by in ("person:kim", "person:lee")
