"""People, logins and tokens behind the guard: everybody's own, and others' with the right."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from activities.access.decider import Decider
from activities.access.grant_store import GrantStore
from activities.access.identity_store import Identity
from activities.access.rights import Rights
from activities.access.secret_values import hashed
from domain.access.actions import Action
from domain.access.grants import Grant, GrantKind
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.access.role import Role
from domain.access.session import Session, Way
from domain.core.errors import RefusedError, SluicewayError
from tests.support.key_registry import MemoryRegistry
from workers.client.access_guard import AccessGuard
from workers.client.engine_access import EngineAccess
from workers.client.logins.ground import Ground, Visitor
from workers.client.logins.sessions import Sessions
from workers.client.ports.pages import PageOf
from workers.client.rights.ground import RightsGround
from workers.core.records import Records

NOW = 1_800_000_000.0
RUN = Resource(kind=ResourceKind.RUN, name="run/shop/1", pipeline="shop")


class Home:
    """Two people, `ann` an administrator."""

    def __init__(self, folder: Path) -> None:
        self.records = Records.at(folder / "records.db")
        self.decider = Decider(Rights(self.records.database), clock=lambda: NOW)
        for name in ("ann", "bob"):
            self.records.identities.save(Identity(name, "", ("shops",)))
            self.records.people.add(name, NOW)
        self.give("person:ann", Role.ADMIN)

    def give(self, principal: str, role: Role) -> None:
        grant = Grant(id=0, kind=GrantKind.ROLE, principal=principal, role=role, resource=ENGINE.id, by="x", at=NOW)
        with self.records.database.write() as connection:
            GrantStore(self.records.database).add(connection, grant)

    def access(self, caller: Caller) -> EngineAccess:
        guard = AccessGuard(caller, self.decider, self.records.audit)
        ground = RightsGround(guard, self.decider, self.records.people, self.records.audit, clock=lambda: NOW)
        return EngineAccess(ground, self.records)

    def of(self, name: str, **more: Any) -> EngineAccess:
        who = Principal(kind=PrincipalKind.PERSON, name=name)
        return self.access(Caller(principal=who, channel="api", second_factor_at=NOW, authenticated_at=NOW, **more))

    def token(self, secret: str) -> Caller | None:
        ground = Ground(records=self.records, registry=MemoryRegistry(), origin="http://x", clock=lambda: NOW)
        return Sessions(ground).token(secret, Visitor(browser=False))

    def session(self, person: str) -> None:
        made = Session(id=f"of-{person}", person=person, way=Way.LINK, began_at=NOW, seen_at=NOW, authenticated_at=NOW)
        self.records.sessions.add(hashed(person), made)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def code_of(coroutine: Any) -> str:
    with pytest.raises(SluicewayError) as caught:
        asyncio.run(coroutine)
    return caught.value.code


def test_a_token_has_its_scope_of_its_owners_rights_of_the_moment(home: Home) -> None:
    row, secret = asyncio.run(home.of("ann").create_token("ci", ("runs:*",), ("pipeline:shop",), 3600))
    assert secret.startswith("slw_")
    assert secret not in str(home.records.database.rows("select * from tokens"))
    caller = home.token(secret)
    assert caller is not None
    assert (caller.principal.id, caller.on_behalf_of) == (f"token:{row.id}", "person:ann")
    assert home.decider.decide(caller, Action.RUNS_READ, RUN).allowed
    assert not home.decider.decide(caller, Action.RUNS_READ, replace(RUN, pipeline="other", name="run/other/1")).allowed
    assert not home.decider.decide(caller, Action.LOGS_READ, RUN).allowed
    with home.records.database.write() as connection:
        GrantStore(home.records.database).revoke(connection, 1, "x", NOW)
    assert not home.decider.decide(caller, Action.RUNS_READ, RUN).allowed


def test_a_token_has_the_rights_of_its_owners_groups(home: Home) -> None:
    home.give("group:shops", Role.VIEWER)
    _, secret = asyncio.run(home.of("bob").create_token("ci", ("runs:read",), ("*",), 3600))
    caller = home.token(secret)
    assert caller is not None
    assert home.decider.decide(caller, Action.RUNS_READ, RUN).allowed


def test_a_token_of_a_disabled_or_removed_person_is_nobody(home: Home) -> None:
    _, secret = asyncio.run(home.of("bob").create_token("ci", ("runs:read",), ("*",), 3600))
    home.records.people.disable("bob", NOW, disabled=True)
    assert home.token(secret) is None
    home.records.people.disable("bob", NOW, disabled=False)
    assert home.token(secret) is not None
    home.records.identities.remove("bob")
    assert home.token(secret) is None


def test_a_token_makes_no_token(home: Home) -> None:
    _, secret = asyncio.run(home.of("ann").create_token("all", ("*",), ("*",), 3600))
    caller = home.token(secret)
    assert caller is not None
    assert code_of(home.access(caller).create_token("more", ("*",), ("*",), 3600)) == "SLW427"


def test_a_token_needs_a_second_factor_of_the_last_minutes(home: Home) -> None:
    who = Principal(kind=PrincipalKind.PERSON, name="bob")
    access = home.access(Caller(principal=who, channel="api", authenticated_at=NOW))
    assert code_of(access.create_token("ci", ("runs:read",), ("*",), 3600)) == "SLW411"


@pytest.mark.parametrize(
    ("actions", "resources", "life"),
    [
        ((), ("*",), 3600),
        (("runs:fly",), ("*",), 3600),
        (("*",), ("x",), 3600),
        (("*",), ("*",), 1),
        (("*",), ("*",), 1e9),
    ],
)
def test_a_token_without_a_scope_or_a_sound_life_is_not_made(
    home: Home, actions: Any, resources: Any, life: float
) -> None:
    assert code_of(home.of("ann").create_token("ci", actions, resources, life)) == "SLW427"


def test_everybody_sees_and_ends_their_own_logins_and_tokens_alone(home: Home) -> None:
    home.session("ann")
    home.session("bob")
    row, _ = asyncio.run(home.of("ann").create_token("ci", ("runs:read",), ("*",), 3600))
    bob = home.of("bob", session="of-bob")
    assert [(one.id, one.current) for one in asyncio.run(bob.sessions())] == [("of-bob", True)]
    assert asyncio.run(bob.tokens(PageOf())).items == ()
    for refused in (bob.sessions("ann"), bob.sessions("nobody"), bob.people(PageOf())):
        assert code_of(refused) == "SLW410"
    for unseen in (bob.end_session("of-ann"), bob.revoke_token(row.id)):
        assert code_of(unseen) == "SLW428"  # as for one that there is not
    asyncio.run(bob.end_session("of-bob"))
    assert home.records.sessions.of("bob") == ()
    assert code_of(bob.end_session("of-bob")) == code_of(bob.revoke_token("x")) == "SLW428"


def test_a_token_that_may_only_read_ends_no_login_and_no_token(home: Home) -> None:
    home.session("bob")
    row, secret = asyncio.run(home.of("bob").create_token("look", ("people:read",), ("person:bob",), 3600))
    caller = home.token(secret)
    assert caller is not None
    access = home.access(caller)
    assert [one.id for one in asyncio.run(access.sessions("bob"))] == ["of-bob"]
    assert code_of(access.end_session("of-bob")) == code_of(access.revoke_token(row.id)) == "SLW410"


def test_a_token_sees_its_own_row_alone(home: Home) -> None:
    ann = home.of("ann")
    asyncio.run(ann.create_token("other", ("runs:read",), ("*",), 3600))
    row, secret = asyncio.run(ann.create_token("look", ("*",), ("*",), 3600))
    caller = home.token(secret)
    assert caller is not None
    assert [one.id for one in asyncio.run(home.access(caller).tokens(PageOf())).items] == [row.id]
    assert len(asyncio.run(ann.tokens(PageOf())).items) == 2


def test_an_administrator_sees_and_ends_those_of_others(home: Home) -> None:
    home.session("bob")
    row, secret = asyncio.run(home.of("bob").create_token("ci", ("runs:read",), ("*",), 3600))
    ann = home.of("ann")
    assert [one.name for one in asyncio.run(ann.people(PageOf())).items] == ["ann", "bob"]
    assert [one.id for one in asyncio.run(ann.tokens(PageOf())).items] == [row.id]
    asyncio.run(ann.end_session("of-bob"))
    asyncio.run(ann.revoke_token(row.id))
    assert home.token(secret) is None
    assert home.records.sessions.of("bob") == ()


def test_lists_come_in_pages(home: Home) -> None:
    ann = home.of("ann")
    first = asyncio.run(ann.people(PageOf(limit=1)))
    second = asyncio.run(ann.people(PageOf(first.next, 1)))
    assert [one.name for page in (first, second) for one in page.items] == ["ann", "bob"]
    assert second.next == ""


def test_the_owner_of_the_home_has_no_token(home: Home) -> None:
    from domain.access.principal import OWNER

    with pytest.raises(RefusedError) as caught:
        asyncio.run(home.access(Caller(principal=OWNER)).create_token("x", ("*",), ("*",), 3600))
    assert caught.value.code == "SLW427"


def test_an_administrator_disables_others_and_not_themself(home: Home) -> None:
    home.session("bob")
    ann, bob = home.of("ann"), home.of("bob")
    assert code_of(bob.set_disabled("ann", True)) == code_of(bob.set_disabled("nobody", True)) == "SLW428"
    assert code_of(ann.set_disabled("ann", True)) == "SLW433"
    assert code_of(ann.set_disabled("nobody", True)) == "SLW428"
    asyncio.run(ann.set_disabled("bob", True))
    assert home.records.sessions.of("bob") == ()
    asyncio.run(ann.set_disabled("bob", False))
    assert [one.disabled for one in asyncio.run(ann.people(PageOf())).items] == [False, False]
