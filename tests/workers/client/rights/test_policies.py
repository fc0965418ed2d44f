"""Labels and sets of policies: two people, and nothing that anybody can do alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from domain.access.actions import Action
from domain.access.policy_sets import PolicyState
from domain.access.resource import ENGINE, named
from domain.access.role import Role
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.policy.policy import Policy, Rules, Scope, policy_for
from tests.workers.client.rights.conftest import World
from workers.client.ports.pages import PageOf
from workers.client.rights.grants import GrantsOnEngine
from workers.client.rights.policies import PoliciesOnEngine

RUN = named("run:run/web/1")
FREEZE = '@id("pbac/freeze") forbid (principal, action == Action::"runs:cancel", resource in Project::"default");'


async def test_a_label_holds_when_a_second_security_administrator_says_the_same(world: World):
    world.give("person:ann", Role.VIEWER)
    assert (await world.policies("kim").label("pipeline:web", 2, ("payments",))).waiting
    assert (await world.policies("kim").label("pipeline:web", 2, ("payments",))).waiting
    assert (await world.policies("lee").label("pipeline:web", 1, ())).waiting
    assert (await world.grants("ann").can(Action.RUNS_READ, RUN)).allowed
    assert not (await world.policies("kim").label("pipeline:web", 1, ())).waiting
    verdict = await world.grants("ann").can(Action.RUNS_READ, RUN)
    assert (verdict.allowed, verdict.rule) == (False, "mac/no-read-up")
    labels = (await world.policies("ada").labels(PageOf())).items
    assert [(one.subject, one.level) for one in labels] == [("pipeline:web", 1)]


@pytest.mark.parametrize("who", ["ada", "eve"])
async def test_nobody_but_a_security_administrator_sets_a_label(world: World, who):
    with pytest.raises(RefusedError) as refused:
        await world.policies(who).label("pipeline:web", 1, ())
    assert refused.value.rule == "mac/label-keeper"


async def test_nobody_sets_their_own_label(world: World):
    with pytest.raises(RefusedError) as refused:
        await world.policies("kim").label("person:kim", 3, ())
    assert refused.value.rule == "mac/own-label"


@pytest.mark.parametrize(
    ("level", "compartments", "integrity"), [(10, (), 1), (-1, (), 1), (1, ("A b",), 1), (1, (), 2)]
)
async def test_what_is_no_label_is_refused(world: World, level, compartments, integrity):
    with pytest.raises(DefinitionError, match="SLW412"):
        await world.policies("kim").label("pipeline:web", level, compartments, integrity)


async def test_a_set_is_drafted_simulated_watched_and_activated_by_two_people(world: World):
    world.give("person:ann", Role.DEVELOPER)
    ground = world.ground("ann")
    async with ground.guard.use(Action.RUNS_CANCEL, RUN):
        pass
    kim, lee = world.policies("kim"), world.policies("lee")
    row = await kim.draft("freeze", FREEZE)
    with pytest.raises(RefusedError, match="SLW414"):
        await lee.step("freeze", row.version, PolicyState.ACTIVE)
    found = await kim.simulate("freeze")
    assert (found.refused, found.allowed) == (1, 0)
    assert [(one.principal, one.after) for one in found.differences] == [("person:ann", "pbac/freeze")]
    await kim.step("freeze", 1, PolicyState.SHADOW)
    assert ground.guard.verdict(Action.RUNS_CANCEL, RUN).allowed
    with pytest.raises(RefusedError, match="SLW414"):
        await kim.step("freeze", 1, PolicyState.ACTIVE)
    await lee.step("freeze", 1, PolicyState.ACTIVE)
    assert ground.guard.verdict(Action.RUNS_CANCEL, RUN).rule == "pbac/freeze"
    assert [one.person for one in (await world.policies("ada").policy_set("freeze")).steps] == [
        *["person:kim"] * 3,
        "person:lee",
    ]
    await kim.step("freeze", 1, PolicyState.RETIRED)
    assert ground.guard.verdict(Action.RUNS_CANCEL, RUN).allowed
    assert world.audited("policy") == ["done"] * 5


async def test_one_version_of_a_set_is_active(world: World):
    owner = world.policies("owner")
    for version in (1, 2):
        await owner.draft("freeze", FREEZE)
        await owner.simulate("freeze")
        for state in (PolicyState.SHADOW, PolicyState.ACTIVE):
            await owner.step("freeze", version, state)
    states = [(one.version, one.state) for one in await owner.policy_sets()]
    assert states == [(2, "active"), (1, "retired")]


@pytest.mark.parametrize(
    ("cedar", "said"),
    [
        ("", "no policies"),
        ("permit (principal, action", "no text of Cedar"),
        ("permit (principal, action, resource);", "needs @id"),
        ('@id("mac/mine") permit (principal, action, resource);', "needs @id"),
        ('@id("rbac/anonymous") permit (principal, action, resource);', "needs @id"),
        ('@id("pbac/a") permit (principal, action, resource);' * 2, "there already"),
        ('@id("pbac/a") permit (principal in ?principal, action, resource);', "template"),
        ('@id("pbac/a") permit (principal, action, resource) when { resource.colour == 1 };', "colour"),
        ('@id("pbac/a") permit (principal, action == Action::"fly", resource);', "fly"),
        ('@id("pbac/a") permit (principal, action, resource);' + " " * 100_001, "bytes"),
    ],
)
async def test_what_is_no_set_is_refused_with_its_reason(world: World, cedar, said):
    with pytest.raises(DefinitionError, match="SLW413") as refused:
        await world.policies("kim").draft("mine", cedar)
    assert said in str(refused.value)


async def test_an_administrator_writes_no_policies(world: World):
    with pytest.raises(RefusedError, match="SLW410"):
        await world.policies("ada").draft("freeze", FREEZE)


async def test_a_text_that_was_changed_in_the_database_goes_nowhere(world: World):
    await world.policies("kim").draft("freeze", FREEZE)
    with world.records.database.write() as connection:
        connection.execute(text("update policy_sets set text = text || ' '"))
    await world.policies("kim").simulate("freeze")
    assert (await world.policies("kim").policy_set("freeze")).row.state == "draft"


async def test_a_set_that_is_not_there_is_named(world: World):
    with pytest.raises(SluicewayError, match="SLW415"):
        await world.policies("kim").simulate("nothing")


async def test_an_explanation_names_each_rule_and_what_is_missing(world: World):
    world.give("group:web", Role.VIEWER, "project:default")
    for who in ("kim", "lee"):
        await world.policies(who).label("pipeline:web", 2, ())
    found = await world.policies("ann").explain(Action.RUNS_CANCEL, RUN)
    assert found.verdict.rule == "mac/no-read-up"
    assert "role developer, operator or admin on run:run/web/1" in found.verdict.missing
    assert [(one.rule, one.permits) for one in found.rules] == [("mac/no-read-up", False)]
    assert [one.role for one in found.grants] == ["viewer"]
    assert found.above == ("run:run/web/1", "pipeline:web", "project:default", "engine:engine")
    assert found.label is not None
    assert found.label.level == 2
    with pytest.raises(RefusedError):
        await world.policies("ann").explain(Action.RUNS_CANCEL, RUN, "person:bob")
    assert (await world.policies("ada").explain(Action.RUNS_CANCEL, ENGINE, "group:web")).verdict.principal


async def test_a_simulation_that_ends_late_takes_nothing_back(world: World, monkeypatch: pytest.MonkeyPatch):
    kim, lee = world.policies("kim"), world.policies("lee")
    await kim.draft("freeze", FREEZE)
    await kim.simulate("freeze")
    found = world.ground("kim").rights.policies.versions("freeze")[0]
    await kim.step("freeze", 1, PolicyState.SHADOW)
    await lee.step("freeze", 1, PolicyState.ACTIVE)
    monkeypatch.setattr(type(kim), "_version", lambda *_: found)  # as it was when the other look began
    with pytest.raises(RefusedError, match="SLW414"):
        await kim.step("freeze", 1, PolicyState.SHADOW)
    assert [one.state for one in world.ground("kim").rights.policies.active()] == [PolicyState.ACTIVE]


async def test_nobody_moves_something_to_where_they_have_a_role(world: World):
    world.give("person:ada", Role.APPROVER, "project:mine")
    with pytest.raises(RefusedError) as refused:
        await world.policies("ada").move("environment:production", "mine")
    assert refused.value.rule == "rbac/own-grant"
    await world.policies("ada").move("environment:production", "shop")


async def test_who_may_not_label_moves_nothing_out_of_a_labelled_project(world: World):
    await world.policies("owner").move("environment:production", "secret")
    await world.policies("owner").label("project:secret", 2, ())
    with pytest.raises(RefusedError) as refused:
        await world.policies("ada").move("environment:production", "default")
    assert refused.value.rule == "mac/label-keeper"


async def test_an_explanation_of_a_push_names_the_policy_that_forbids_it(world: World):
    rules = Rules(refs=frozenset({("heads/release",)}))
    house = Policy(name="house", digest="d", scope=Scope(repositories=("/srv/shop",)), rules=rules)
    ground = replace(world.ground("ada"), policies=lambda push: policy_for(push, [house]))
    about = named("pipeline:web")
    for who, rule in (("repository:/srv/shop", "policy/house"), ("repository:/srv/other", "rbac/repository")):
        found = await PoliciesOnEngine(ground).explain(Action.RUNS_START, about, who)
        assert found.verdict.rule == rule
        assert (await GrantsOnEngine(ground).can(Action.RUNS_START, about, who)).rule == rule
    assert [one.rule for one in found.rules] == ["rbac/repository"]
