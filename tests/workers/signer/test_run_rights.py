"""The rights of a run's starter, as the signer reads them at the moment of an effect."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from activities.access import told_rights
from activities.access.identity_store import Identity
from activities.access.policy_engines.cedar import CedarEngine
from domain.access.actions import Action
from domain.access.decide import answers
from domain.access.grants import Grant, GrantKind
from domain.access.labels import Label
from domain.access.principal import OWNER, Principal, PrincipalKind
from domain.access.resource import Resource, ResourceKind, cluster_resource
from domain.access.role import Role
from domain.authority.initiators import EffectQuestion
from domain.authority.rights import RememberedRights, of_grant, of_label, of_step
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.policy.policy import Policy, Push, Rules, SecretGrant, policy_for
from domain.scans.least_gate import LeastGate
from domain.triggers.events import EventKind
from workers.core.records import Records
from workers.signer.rights import RunRights

ANN = Principal(kind=PrincipalKind.PERSON, name="ann")
PRODUCTION = Resource(kind=ResourceKind.ENVIRONMENT, name="production", environment="production")
PUSH = Push(repository="/srv/shop", pipeline="web", event=EventKind.PUSH, branch="main")
SECRET = Resource(kind=ResourceKind.SECRET, name="store:mail")


class Scene:
    def __init__(self, folder: Path) -> None:
        self.records = Records.at(folder / "records.db")
        self.policies: list[Policy] = []
        self.known = RememberedRights()
        of_now = lambda push: policy_for(push, self.policies)  # noqa: E731
        self.rights = RunRights(self.records.database, self.records.audit, policies=of_now, known=self.known)
        self.grant("person:root", Role.ADMIN, "engine:engine")

    def grant(self, principal: str, role: Role, resource: str, until: float = 0) -> int:
        made = Grant(id=0, kind=GrantKind.ROLE, principal=principal, role=role, resource=resource, until=until)
        with self.records.database.write() as connection:
            kept = self.rights._rights.grants.add(connection, made)
        topic, name, body = of_grant(kept)
        self.known.apply(topic, name, Node(body))
        return kept.id

    def rule(
        self,
        who: Principal,
        action: Action,
        what: Resource,
        integrity: int = 1,
        executor: str = "",
        *,
        gated: bool = True,
        served: bool = False,
    ) -> str:
        run = Resource(kind=ResourceKind.RUN, name="run/web/1", pipeline="web", owner=who.id, integrity=integrity)
        asked = EffectQuestion(
            initiator=who,
            action=action,
            resource=what,
            run=run,
            job="ship",
            push=PUSH,
            executor=executor,
            gated=lambda: gated,
            served=served,
        )
        verdict = self.rights.verdict(asked)
        return "" if verdict is None else f"{'allowed' if verdict.allowed else 'denied'} {verdict.rule}"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_persons_groups_and_grants_are_those_of_now(scene: Scene) -> None:
    scene.grant("group:devs", Role.DEVELOPER, "environment:production")
    assert scene.rule(ANN, Action.EFFECT_DEPLOY, PRODUCTION) == "denied people/disabled"
    scene.records.identities.save(Identity("ann", ""))
    assert scene.rule(ANN, Action.EFFECT_DEPLOY, PRODUCTION) == "denied default/deny"
    scene.records.identities.save(Identity("ann", "", ("devs",)))
    assert scene.rule(ANN, Action.EFFECT_DEPLOY, PRODUCTION).startswith("allowed grant/")
    scene.records.people.disable("ann", time.time(), disabled=True)
    assert scene.rule(ANN, Action.EFFECT_DEPLOY, PRODUCTION) == "denied people/disabled"


def test_a_push_has_its_repositorys_rights_and_a_fork_touches_nothing_that_is_trusted(scene: Scene) -> None:
    scene.grant("person:bob", Role.VIEWER, "project:default")
    repository = Principal(kind=PrincipalKind.REPOSITORY, name="/srv/shop")
    run = Resource(kind=ResourceKind.RUN, name="run/web/1", pipeline="web")
    cluster = cluster_resource("edge")
    assert scene.rule(repository, Action.EFFECT_SECRET, SECRET) == "allowed rbac/repository"
    assert scene.rule(repository, Action.EFFECT_CLUSTER, cluster) == "denied default/deny"
    assert scene.rule(repository, Action.EFFECT_SECRET, SECRET, integrity=0) == "denied mac/integrity"
    assert scene.rule(repository, Action.EFFECT_EXECUTE, run, integrity=0) == "allowed rbac/repository"


def test_the_owner_of_the_home_needs_no_grant_and_a_refusal_is_recorded(scene: Scene) -> None:
    scene.grant("person:bob", Role.VIEWER, "project:default")
    assert scene.rule(OWNER, Action.EFFECT_DEPLOY, PRODUCTION) == "allowed owner/home"
    assert list(scene.records.audit.store.entries()) == []
    scene.rule(ANN, Action.EFFECT_DEPLOY, PRODUCTION)
    (entry,) = scene.records.audit.store.entries()
    assert (entry.columns["actor"], entry.columns["outcome"]) == ("person:ann", "denied")


def test_rights_that_cannot_be_read_permit_nothing(scene: Scene) -> None:
    scene.records.identities.save(Identity("ann", ""))
    scene.grant("person:bob", Role.VIEWER, "project:default")
    with scene.records.database.write() as connection:
        connection.exec_driver_sql("drop table grants")
    with pytest.raises(SluicewayError, match="SLW486") as broken:
        scene.rule(ANN, Action.EFFECT_DEPLOY, PRODUCTION)
    assert broken.value.transient


def test_a_policy_of_pushes_forbids_at_the_effect_whoever_started_the_run(scene: Scene) -> None:
    run = Resource(kind=ResourceKind.RUN, name="run/web/1", pipeline="web")
    assert scene.rule(OWNER, Action.EFFECT_EXECUTE, run, executor="process") == ""
    scene.policies = [Policy(name="house", digest="", rules=Rules(executors=frozenset({"docker"})))]
    assert scene.rule(OWNER, Action.EFFECT_EXECUTE, run, executor="process") == "denied policy/house"
    assert scene.rule(OWNER, Action.EFFECT_EXECUTE, run, executor="docker") == ""
    scene.grant("person:bob", Role.VIEWER, "project:default")
    repository = Principal(kind=PrincipalKind.REPOSITORY, name="/srv/shop")
    assert scene.rule(repository, Action.EFFECT_EXECUTE, run, executor="process") == "denied policy/house"
    scene.policies = [Policy(name="main", digest="", rules=Rules(refs=frozenset({("heads/release",)})))]
    assert scene.rule(repository, Action.EFFECT_EXECUTE, run) == "denied policy/main"
    scene.policies = [Policy(name="gates", digest="", rules=Rules(gate=LeastGate(required=True)))]
    assert scene.rule(repository, Action.EFFECT_DEPLOY, PRODUCTION) == "allowed rbac/repository"
    assert scene.rule(repository, Action.EFFECT_DEPLOY, PRODUCTION, gated=False) == "denied policy/gates"
    grant = SecretGrant(names=("db-*",))
    scene.policies = [Policy(name="few", digest="", rules=Rules(secrets=frozenset({frozenset({grant})})))]
    assert scene.rule(repository, Action.EFFECT_SECRET, SECRET) == "denied policy/few"
    assert [one.columns["outcome"] for one in scene.records.audit.store.entries()] == ["denied"] * 5


def test_a_grant_that_was_only_written_to_the_database_gives_nothing(scene: Scene) -> None:
    scene.records.identities.save(Identity("ann", ""))
    number = scene.grant("person:ann", Role.VIEWER, "environment:production")
    with scene.records.database.write() as connection:
        connection.exec_driver_sql(
            "insert into grants (kind, principal, role, resource, given_by, at, until, revoked_at, revoked_by)"
            " values ('role', 'person:ann', 'admin', 'engine:engine', 'person:root', 1, 0, 0, '')"
        )
        connection.exec_driver_sql(f"update grants set role = 'operator' where id = {number}")
    assert scene.rule(ANN, Action.EFFECT_DEPLOY, PRODUCTION) == "denied default/deny"
    found = told_rights.differences(scene.records.database, scene.known, time.time())
    assert [one.partition(":")[0] for one in found] == [f"grant/{number}", f"grant/{number + 1}"]


def test_where_only_the_first_administrator_has_rights_nobody_else_at_a_server_has_any(scene: Scene) -> None:
    for name in ("ann", "root"):
        scene.records.identities.save(Identity(name, ""))
    with scene.records.database.write() as connection:
        forged = Grant(id=0, kind=GrantKind.ROLE, principal="person:ann", role=Role.ADMIN, resource="engine:engine")
        scene.rights._rights.grants.add(connection, forged)
    edge = cluster_resource("edge")
    for action, what in ((Action.EFFECT_DEPLOY, PRODUCTION), (Action.EFFECT_CLUSTER, edge)):
        assert scene.rule(ANN, action, what, served=True) == "denied default/deny"
        root = Principal(kind=PrincipalKind.PERSON, name="root")
        assert scene.rule(root, action, what, served=True).startswith("allowed grant/")
        assert scene.rule(ANN, action, what) == "", "by SSH it is the owner who lets them in"


def test_whoever_empties_the_tables_of_rights_is_not_the_owner_of_everything(scene: Scene) -> None:
    scene.grant("person:bob", Role.VIEWER, "project:default")
    topic, name, body = of_label("environment:production", Label(level=2))
    scene.known.apply(topic, name, Node(body))
    with scene.records.database.write() as connection:
        connection.exec_driver_sql("delete from grants")
    repository = Principal(kind=PrincipalKind.REPOSITORY, name="/srv/shop")
    assert scene.rule(repository, Action.EFFECT_DEPLOY, PRODUCTION) == "denied mac/no-read-up"


def test_a_set_that_people_activated_is_missed_and_one_that_they_did_not_is_none(scene: Scene) -> None:
    scene.grant("person:bob", Role.VIEWER, "project:default")
    topic, name, body = of_step("freeze", 1, "d", "active", OWNER.id)
    scene.known.apply(topic, name, Node(body))
    repository = Principal(kind=PrincipalKind.REPOSITORY, name="/srv/shop")
    assert scene.rule(repository, Action.EFFECT_SECRET, SECRET) == "denied engine/policies"
    topic, name, body = of_step("freeze", 1, "d", "retired", OWNER.id)
    scene.known.apply(topic, name, Node(body))
    assert scene.rule(repository, Action.EFFECT_SECRET, SECRET) == "allowed rbac/repository"


def test_a_set_of_policies_is_tried_on_effects_with_all_that_stood_against_them(scene: Scene) -> None:
    scene.grant("person:bob", Role.VIEWER, "project:default")
    repository = Principal(kind=PrincipalKind.REPOSITORY, name="/srv/shop")
    scene.policies = [Policy(name="main", digest="", rules=Rules(refs=frozenset({("heads/release",)})))]
    scene.rule(repository, Action.EFFECT_DEPLOY, PRODUCTION)
    scene.policies = []
    scene.rule(repository, Action.EFFECT_DEPLOY, PRODUCTION)
    newest, first = scene.records.rights.decisions.since(0)
    assert (newest.allowed, first.rule) == (True, "policy/main")
    freeze = '@id("pbac/freeze") forbid (principal, action == Action::"effect:deploy", resource);'
    later = answers(CedarEngine((freeze,)), [newest.question, first.question])
    assert [one.forbids for one in later] == [("pbac/freeze",), ("pbac/freeze", "policy/main")]
