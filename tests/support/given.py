"""Rights that people have in a lab: in the database, and as the signer was told of them."""

from __future__ import annotations

import time

from activities.access.grant_store import GrantStore
from activities.access.told_rights import statement
from domain.access.grants import Grant, GrantKind
from domain.access.role import Role
from domain.authority.rights import of_grant
from tests.support.lab import Lab


def developers(lab: Lab, *people: str, role: Role = Role.DEVELOPER) -> int:
    """Makes them developers, or another role, of the project `default`; returns the id of the last one's grant."""
    store, made = GrantStore(lab.records.database), 0
    for name in people:
        one = Grant(
            id=0,
            kind=GrantKind.ROLE,
            principal=f"person:{name}",
            role=role,
            resource="project:default",
            at=time.time(),
        )
        with lab.records.database.write() as connection:
            kept = store.add(connection, one)
        lab.registrar.tell(statement(of_grant(kept)))
        made = kept.id
    return made
