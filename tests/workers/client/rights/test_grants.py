"""Grants and shares: who may give what, and what a revoked one takes with it."""

from __future__ import annotations

import pytest

from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource, ResourceKind, named
from domain.access.role import Role
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from tests.support.access import NOW
from tests.workers.client.rights.conftest import World
from workers.client.ports.pages import PageOf

PRODUCTION = named("environment:production")
DAY = 86_400.0


async def test_a_role_is_given_and_taken_back_with_an_entry_each(world: World):
    row = await world.grants("ada").grant("group:web", "operator", "environment:production")
    verdict = await world.grants("ann").can(Action.RELEASES_PROMOTE, named("release:release/shop/production/1"))
    assert (verdict.allowed, verdict.rule) == (True, f"grant/{row.id}")
    await world.grants("ada").revoke(row.id)
    assert not (await world.grants("ann").can(Action.RELEASES_PROMOTE, PRODUCTION)).allowed
    assert world.audited("grant") == ["done", "done"]


@pytest.mark.parametrize(
    ("who", "to", "role", "rule"),
    [
        ("eve", "person:bob", "viewer", "default/deny"),
        ("ada", "person:ada", "operator", "rbac/own-grant"),
        ("ada", "person:bob", "security-admin", "rbac/keeper-grant"),
        ("kim", "person:bob", "viewer", "default/deny"),
    ],
)
async def test_who_may_not_give_is_told_the_rule(world: World, who, to, role, rule):
    with pytest.raises(RefusedError, match="SLW410") as refused:
        await world.grants(who).grant(to, role, "engine:engine")
    assert refused.value.rule == rule
    assert "denied" in world.audited("decision")


async def test_nobody_gives_rights_to_a_group_of_their_own(world: World):
    world.give("person:ann", Role.ADMIN, "project:default")
    with pytest.raises(RefusedError) as refused:
        await world.grants("ann").grant("group:web", "operator", "environment:production")
    assert refused.value.rule == "rbac/own-grant"


@pytest.mark.parametrize("machine", ["token:t1", "workload:https://ci.example.org#job"])
async def test_nobody_gives_rights_to_a_machine_that_would_have_more_than_its_owner(world: World, machine: str):
    with pytest.raises(DefinitionError, match="SLW412"):
        await world.grants("ada").grant(machine, "approver", "engine:engine")


async def test_giving_needs_a_second_factor_of_the_last_minutes(world: World):
    with pytest.raises(RefusedError, match="SLW411"):
        await world.grants("ada", fresh=False).grant("person:bob", "viewer", "engine:engine")


async def test_an_administrator_of_a_project_gives_only_there(world: World):
    world.give("person:bob", Role.ADMIN, "project:shop")
    await world.policies("owner").move("pipeline:shop", "shop")
    await world.grants("bob").grant("person:eve", "viewer", "pipeline:shop")
    for elsewhere in ("pipeline:web", "engine:engine", "project:default", "person:eve", "policy:x"):
        with pytest.raises(RefusedError):
            await world.grants("bob").grant("person:eve", "viewer", elsewhere)


@pytest.mark.parametrize(
    ("to", "role", "resource", "until"),
    [
        ("ann", "viewer", "engine:engine", 0),
        ("person:", "viewer", "engine:engine", 0),
        ("owner:owner", "viewer", "engine:engine", 0),
        ("person:bob", "god", "engine:engine", 0),
        ("person:bob", "viewer", "everything", 0),
        ("person:bob", "viewer", "engine:" + "x" * 400, 0),
        ("person:bob\n", "viewer", "engine:engine", 0),
        ("person:bob", "viewer", "engine:engine", NOW - 1),
    ],
)
async def test_what_is_no_grant_is_refused(world: World, to, role, resource, until):
    with pytest.raises(DefinitionError, match="SLW412"):
        await world.grants("ada").grant(to, role, resource, until)


async def test_an_owner_shares_at_most_what_they_hold_with_an_end(world: World):
    world.give("person:ann", Role.DEVELOPER, "pipeline:web")
    run = Resource(kind=ResourceKind.RUN, name="run/web/1", owner="person:ann")
    ground = world.ground("ann")
    assert ground.guard.verdict(Action.ACCESS_SHARE, run).rule == "dac/owner"
    world.give("person:ann", Role.ADMIN, "cluster:lab")
    row = await world.grants("ann").share("person:eve", "viewer", "cluster:lab", NOW + DAY)
    assert (await world.grants("eve").can(Action.CLUSTERS_READ, named("cluster:lab"))).rule == f"share/{row.id}"
    for role, until in (("approver", NOW + DAY), ("viewer", 0), ("viewer", NOW + 400 * DAY), ("viewer", NOW)):
        with pytest.raises(RefusedError, match="SLW412"):
            await world.grants("ann").share("person:eve", role, "cluster:lab", until)


async def test_a_share_ends_with_the_right_that_it_was_given_by(world: World):
    grant = world.give("person:ann", Role.ADMIN, "cluster:lab")
    await world.grants("ann").share("person:eve", "viewer", "cluster:lab", NOW + DAY)
    await world.grants("ada").revoke(str(grant.id))
    assert not (await world.grants("eve").can(Action.CLUSTERS_READ, named("cluster:lab"))).allowed


@pytest.mark.parametrize("id_", ["", "x", "999", "-1", "\u0661", "9" * 40])
async def test_a_grant_that_is_not_there_cannot_be_revoked(world: World, id_):
    with pytest.raises(SluicewayError, match="SLW415"):
        await world.grants("ada").revoke(id_)


async def test_everybody_sees_their_own_grants_and_administrators_see_all(world: World):
    for number in range(5):
        world.give("person:ann", Role.VIEWER, f"pipeline:p{number}")
    first = await world.grants("ann").grants("person:ann", PageOf(limit=3))
    rest = await world.grants("ann").grants("person:ann", PageOf(first.next, 3))
    assert [len(first.items), len(rest.items), rest.next] == [3, 2, ""]
    assert len((await world.grants("ada").grants("", PageOf(limit=200))).items) == 8
    with pytest.raises(RefusedError):
        await world.grants("ann").grants("person:bob", PageOf())


async def test_who_can_lists_people_by_name_page_by_page(world: World):
    world.give("group:web", Role.VIEWER, "project:default")
    run = named("run:run/web/1")
    first = await world.grants("ada").who_can(Action.RUNS_READ, run, PageOf(limit=2))
    assert [one.principal for one in first.items] == ["person:ada", "person:ann"]
    rest = await world.grants("ada").who_can(Action.RUNS_READ, run, PageOf(first.next, 2))
    assert [one.principal for one in rest.items] == ["person:bob"]
    world.records.people.disable("bob", NOW, disabled=True)
    assert not (await world.grants("ada").who_can(Action.RUNS_READ, run, PageOf(first.next, 2))).items
    with pytest.raises(RefusedError):
        await world.grants("eve").who_can(Action.RUNS_READ, run, PageOf())


async def test_asking_about_others_needs_a_right(world: World):
    assert not (await world.grants("eve").can(Action.RUNS_READ, ENGINE)).allowed
    with pytest.raises(RefusedError):
        await world.grants("eve").can(Action.RUNS_READ, ENGINE, "person:ada")
    assert (await world.grants("ada").can(Action.RUNS_READ, ENGINE, "person:ada")).allowed
