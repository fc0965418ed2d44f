"""Roles, grants and labels: properties that hold for all of them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.actions import DANGEROUS, EFFECTS, READS, Action
from domain.access.grants import (
    MAX_SHARE_S,
    Grant,
    GrantKind,
    holder_problem,
    holders_of,
    resource_problem,
    share_problem,
)
from domain.access.labels import Label, problem, together
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.access.resource import ENGINE, ENGINE_ID, Resource, ResourceKind, named
from domain.access.role import FOUNDERS, OWNED, PUSHED, ROLES, Role, roles_with
from tests.support import access

NOW = access.NOW
roles, kinds = st.sampled_from(Role), st.sampled_from(ResourceKind)
labels = st.builds(
    Label,
    level=st.integers(0, 9),
    compartments=st.frozensets(st.sampled_from(("a", "b", "c"))),
    integrity=st.integers(0, 1),
)
seeds = st.integers(0, 2**32).map(Random)
texts = st.text(max_size=20)


def test_whoever_gives_rights_neither_approves_nor_keeps_what_stands_above_rights():
    assert not ROLES[Role.ADMIN] & {Action.APPROVALS_DECIDE, Action.ACCESS_LABEL, Action.ACCESS_POLICY}
    assert not ROLES[Role.SECURITY_ADMIN] & {Action.ACCESS_GRANT, Action.APPROVALS_DECIDE, *EFFECTS}
    assert ROLES[Role.AUDITOR] <= READS | {Action.AUDIT_EXPORT}
    assert ROLES[Role.VIEWER] <= READS
    assert not ROLES[Role.VIEWER] & {Action.AUDIT_READ, Action.PEOPLE_READ, Action.SECRETS_READ}


def test_the_first_administrators_have_every_action_together():
    assert frozenset().union(*(ROLES[one] for one in FOUNDERS)) == frozenset(Action)


def test_what_one_owns_and_what_a_push_may_give_no_rights_to_others():
    assert not (OWNED | PUSHED) & {
        Action.ACCESS_GRANT,
        Action.ACCESS_LABEL,
        Action.ACCESS_POLICY,
        Action.APPROVALS_DECIDE,
    }


@given(st.sampled_from(Action))
def test_every_action_is_in_a_role_and_the_roles_with_it_have_it(action: Action):
    found = roles_with(action)
    assert found
    assert all(action in ROLES[role] for role in found)
    assert set(Role) - set(found) == {role for role in Role if action not in ROLES[role]}


@given(labels, labels, labels)
def test_clearance_is_the_order_of_a_lattice(one: Label, other: Label, third: Label):
    joined = together([one, other])
    assert one.clears(one)
    assert joined.clears(one)
    assert joined.clears(other)
    assert third.clears(joined) == (third.clears(one) and third.clears(other))
    if one.clears(other) and other.clears(third):
        assert one.clears(third)


@given(st.lists(labels))
def test_what_belongs_to_several_is_as_trusted_as_the_least(many: list[Label]):
    assert together(many).integrity == min((one.integrity for one in many), default=1)
    assert together([*many, *many]) == together(many)


@given(st.integers(-3, 20), st.frozensets(texts, max_size=4), st.integers(-1, 3))
def test_a_label_without_a_problem_is_within_its_bounds(level: int, compartments: frozenset[str], integrity: int):
    if not problem(Label(level=level, compartments=compartments, integrity=integrity)):
        assert 0 <= level <= 9
        assert integrity in (0, 1)
        assert all(one.isascii() for one in compartments)


@given(seeds, kinds)
def test_a_resource_belongs_to_itself_first_and_to_the_engine_last(random: Random, kind: ResourceKind):
    about = access.resource(random, kind)
    assert about.above[0] == about.id
    assert about.above[-1] == ENGINE_ID
    assert len(set(about.above)) == len(about.above)


@given(seeds, st.sampled_from([ResourceKind.PERSON, ResourceKind.POLICY, ResourceKind.PROJECT]))
def test_no_project_has_people_policies_or_projects(random: Random, kind: ResourceKind):
    about = access.resource(random, kind)
    assert not [one for one in about.above[1:] if one.startswith("project:")]
    assert about.anchor == ""


def test_a_release_does_not_belong_to_its_pipeline():
    release = Resource(kind=ResourceKind.RELEASE, name="r", pipeline="web", environment="production")
    assert "pipeline:web" not in release.above
    assert "environment:production" in release.above


@pytest.mark.parametrize(
    ("id_", "above"),
    [
        ("run:run/web/7", ("run:run/web/7", "pipeline:web", "project:default", ENGINE_ID)),
        ("run:run/web/7.2", ("run:run/web/7.2", "pipeline:web", "project:default", ENGINE_ID)),
        ("release:release/shop/production/5", ("environment:production", "project:default", ENGINE_ID)),
        (ENGINE_ID, (ENGINE_ID,)),
    ],
)
def test_a_name_says_what_a_resource_belongs_to(id_: str, above: tuple[str, ...]):
    assert named(id_).above[-len(above) :] == above


@given(texts)
def test_what_is_no_resource_has_a_problem_or_is_no_id(text: str):
    if not resource_problem(text):
        assert named(text).id == text
    if ":" not in text:
        assert resource_problem(text)
        assert holder_problem(text)


@given(seeds)
def test_a_grant_counts_for_its_holder_its_role_and_below_its_resource_alone(random: Random):
    (grant,) = access.grants(random, 1)
    asked, about, action = access.caller(random), access.resource(random), random.choice(tuple(Action))
    holders = holders_of(asked)
    assert grant.permits(holders, action, about) == (
        grant.principal in holders and action in ROLES[grant.role] and grant.resource in about.above
    )
    assert f"group:{'x' * 9}" not in holders
    assert {f"group:{one}" for one in asked.principal.groups} <= holders


@given(st.floats(0, 2e9), st.floats(0, 2e9), st.booleans())
def test_a_grant_holds_until_its_end_or_until_it_is_revoked(until: float, now: float, revoked: bool):
    grant = Grant(
        id=1,
        kind=GrantKind.ROLE,
        principal="person:a",
        role=Role.VIEWER,
        resource=ENGINE_ID,
        until=until,
        revoked_at=1.0 if revoked else 0.0,
    )
    assert grant.holds(now) == (not revoked and (until == 0 or now < until))


@given(roles, st.floats(0, 4e9), st.frozensets(st.sampled_from(Action)))
def test_a_share_gives_at_most_what_its_giver_holds_and_has_an_end(role: Role, until: float, held: frozenset[Action]):
    if not share_problem(role, until, NOW, held):
        assert ROLES[role] <= held
        assert NOW < until <= NOW + MAX_SHARE_S


def test_a_token_counts_for_its_owner_with_the_groups_of_its_owner():
    owner = Principal(kind=PrincipalKind.PERSON, name="ann", groups=("web",))
    token = Principal(kind=PrincipalKind.TOKEN, name="t1")
    caller = Caller(principal=token, on_behalf_of=owner.id, rights_of=owner)
    assert holders_of(caller) == {"person:ann", "group:web"}


def test_what_changes_rights_needs_a_second_factor():
    assert {one for one in Action if one.kind == "access"} - DANGEROUS == {Action.ACCESS_READ, Action.ACCESS_SHARE}
    assert ENGINE.above == (ENGINE_ID,)
