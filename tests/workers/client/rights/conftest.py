from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from activities.access.decider import Decider
from activities.access.identity_store import Identity
from domain.access.grants import Grant, GrantKind
from domain.access.principal import OWNER, Caller, Principal, PrincipalKind
from domain.access.role import Role
from tests.support.access import NOW
from workers.client.access_guard import AccessGuard
from workers.client.rights.grants import GrantsOnEngine
from workers.client.rights.ground import RightsGround
from workers.client.rights.policies import PoliciesOnEngine
from workers.core.records import Records


@dataclass
class World:
    """A home with people in it."""

    records: Records
    decider: Decider

    def ground(self, who: str, *, fresh: bool = True) -> RightsGround:
        if who == "owner":
            caller = Caller(principal=OWNER, channel="cli")
        else:
            found = self.records.people.get(who)
            groups = found.groups if found else ()
            principal = Principal(kind=PrincipalKind.PERSON, name=who, groups=groups)
            caller = Caller(principal=principal, channel="api", second_factor_at=NOW - (5 if fresh else 5_000))
        guard = AccessGuard(caller, self.decider, self.records.audit)
        return RightsGround(guard, self.decider, self.records.people, self.records.audit, lambda: NOW)

    def grants(self, who: str, *, fresh: bool = True) -> GrantsOnEngine:
        return GrantsOnEngine(self.ground(who, fresh=fresh))

    def policies(self, who: str) -> PoliciesOnEngine:
        return PoliciesOnEngine(self.ground(who))

    def give(self, principal: str, role: Role, resource: str = "engine:engine") -> Grant:
        wanted = Grant(id=0, kind=GrantKind.ROLE, principal=principal, role=role, resource=resource)
        with self.records.database.write() as connection:
            return self.records.rights.grants.add(connection, wanted)

    def audited(self, kind: str) -> list[str]:
        rows = self.records.database.rows(
            "select outcome from audit_entries where kind = :kind order by seq", kind=kind
        )
        return [str(row["outcome"]) for row in rows]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    records = Records.at(tmp_path / "records.db")
    for name in ("ada", "ann", "bob", "eve", "kim", "lee"):
        records.identities.save(Identity(name, "k", ("web",) if name in ("ann", "bob") else (), ()))
    made = World(records, Decider(records.rights, clock=lambda: NOW))
    made.give("person:ada", Role.ADMIN)
    made.give("person:kim", Role.SECURITY_ADMIN)
    made.give("person:lee", Role.SECURITY_ADMIN)
    yield made
    records.close()
