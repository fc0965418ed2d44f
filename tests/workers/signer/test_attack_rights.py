"""Whoever writes everything in the database loosens no policy, activates no set and gives no right."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from activities.access.policies import PolicyStore
from activities.access.remembered import ToldPolicies
from activities.access.told_rights import differences, rights_taken_over, statement
from domain.access.grants import Grant, GrantKind
from domain.access.labels import Label
from domain.access.role import Role
from domain.authority.registrations import Registration, Topic
from domain.authority.rights import RememberedRights, of_grant, of_step
from domain.core.documents import Node
from pipeline_defs.documents import check
from tests.workers.signer.homes import Home, refusal, signed


def test_a_policy_that_the_database_loosens_or_loses_holds_as_it_was_registered(home):
    strict = plain_policy("house", {"executors": ["docker"]})
    home.registrar.policy("house", strict)
    home.records.definitions.remove("Policy", "house")
    home.records.definitions.save("Policy", "lax", "{}")
    home.again()
    told = PolicyStore(ToldPolicies(home.server.policies))
    assert [(one.name, one.rules.executors) for one in told.all()] == [("house", frozenset({"docker"}))]
    assert refusal(home, Registration(topic=Topic.POLICY, name="house", body={"document": ""}), None)
    home.registrar.without_policy("house")
    assert told.all() == []


def plain_policy(name: str, allow: dict[str, list[str]]) -> dict:
    text = json.dumps({"apiVersion": "sluiceway/v1", "kind": "Policy", "name": name, "allow": allow})
    return json.loads(check(text.encode(), "p.yaml", lambda _: None).valid().document.model_dump_json())


def step_of(home: Home, person: str, state: str, digest: str = "d") -> Registration:
    topic, name, body = of_step("freeze", 1, digest, state, f"person:{person}")
    return replace(home.proven(Topic(topic.value), name), body=body)


def test_a_set_of_policies_is_brought_nowhere_but_by_the_signatures_of_two_people(home):
    kim, lee = home.person("kim"), home.person("lee")
    activated = step_of(home, "lee", "active")
    assert refusal(home, activated, None)
    assert refusal(home, activated, signed(kim, activated))
    assert refusal(home, activated, signed(lee, activated)) == "nobody has signed that this text was watched"
    watched = step_of(home, "kim", "shadow")
    home.server.register(watched, signed(kim, watched))
    assert refusal(home, watched, signed(kim, watched)) == "it was said before"
    own = step_of(home, "kim", "active")
    assert "a second person" in refusal(home, own, signed(kim, own))
    other = step_of(home, "lee", "active", "another text")
    assert refusal(home, other, signed(lee, other))
    activated = step_of(home, "lee", "active")
    home.server.register(activated, signed(lee, activated))
    home.again()
    retired = step_of(home, "eve", "retired")
    assert refusal(home, retired, signed(lee, retired))


def test_a_right_that_was_only_written_to_the_database_is_told_of_to_a_server(home):
    assert home.server.rights_differ() == ()
    made = Grant(id=0, kind=GrantKind.ROLE, principal="person:eve", role=Role.ADMIN, resource="engine:engine")
    with home.records.database.write() as connection:
        kept = home.records.rights.grants.add(connection, made)
    assert home.server.rights_differ() == (f"grant/{kept.id}: person:eve admin engine:engine was never told",)
    home.server.register(statement(of_grant(kept)))
    assert home.server.rights_differ() == ()


def test_a_signer_that_begins_to_remember_rights_takes_over_what_is_there(home):
    made = Grant(id=0, kind=GrantKind.ROLE, principal="person:ann", role=Role.VIEWER, resource="engine:engine")
    with home.records.database.write() as connection:
        kept = home.records.rights.grants.add(connection, made)
        home.records.rights.labels.set(connection, "pipeline:web", Label(level=1), "a", "b", 1.0)
        home.records.rights.projects.move(connection, "pipeline:web", "shop")
    known = RememberedRights()
    for said in rights_taken_over(home.records.database, time.time()):
        known.apply(said.topic, said.name, Node(said.body))
    assert known.holds(kept)
    assert differences(home.records.database, known, time.time()) == ()
