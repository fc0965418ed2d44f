"""The tables of policy sets: their versions, and who brought each where."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from activities.storage.changes import Topic, note
from activities.storage.database import METADATA, Database
from domain.access.policy_sets import PolicySet, PolicyState, Step, digest_of
from domain.core.errors import RefusedError

SETS = Table(
    "policy_sets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    *(Column(name, Text, nullable=False) for name in ("state", "text", "digest")),
)
_IS_ACTIVE = SETS.c.state == PolicyState.ACTIVE
Index("policy_sets_active", SETS.c.name, unique=True, sqlite_where=_IS_ACTIVE, postgresql_where=_IS_ACTIVE)
"""Of a set, one version is active: of two people who activate two versions at once, one is refused."""
STEPS = Table(
    "policy_steps",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("state", "person", "digest", "note")),
    Column("at", Double, nullable=False),
    Index("policy_steps_of", "name", "version"),
)
_SETS = select(SETS).order_by(SETS.c.name, SETS.c.version.desc())
_VERSIONS = select(SETS).where(SETS.c.name == bindparam("of")).order_by(SETS.c.version.desc())
_ACTIVE = select(SETS).where(_IS_ACTIVE).order_by(SETS.c.name)
_STEPS = select(STEPS).where(STEPS.c.name == bindparam("of"), STEPS.c.version == bindparam("at")).order_by(STEPS.c.id)
_MOVE = (
    update(SETS)
    .where(SETS.c.name == bindparam("of"), SETS.c.version == bindparam("at"), SETS.c.state == bindparam("was"))
    .values(state=bindparam("to"))
)
_RETIRE = (
    update(SETS)
    .where(SETS.c.name == bindparam("of"), SETS.c.version != bindparam("at"), _IS_ACTIVE)
    .values(state=PolicyState.RETIRED)
)


class PolicySetStore:
    """Versions are never changed, and never deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def draft(self, connection: Connection, name: str, text: str, person: str, now: float) -> PolicySet:
        """The next version of a set."""
        last = connection.execute(_VERSIONS.limit(1), {"of": name}).mappings().first()
        version = (last["version"] if last else 0) + 1
        made = PolicySet(
            name=name, version=version, state=PolicyState.DRAFT, text=text, digest=digest_of(name, version, text)
        )
        connection.execute(insert(SETS), {**vars(made)})
        step = Step(state=PolicyState.DRAFT, person=person, digest=made.digest, at=now)
        self._note(connection, made, step)
        return made

    def move(self, connection: Connection, found: PolicySet, step: Step) -> None:
        """Into the step's state; of a set, one version is active.

        Raises:
            RefusedError: SLW414, somebody else has brought it elsewhere since it was looked at.
        """
        where = {"of": found.name, "at": found.version, "was": found.state, "to": step.state}
        if step.state == PolicyState.ACTIVE:
            connection.execute(_RETIRE, {"of": found.name, "at": found.version})
        try:
            moved = connection.execute(_MOVE, where).rowcount == 1
        except IntegrityError as other:
            raise _late(found, step, "another version was activated at the same moment") from other
        if not moved:
            raise _late(found, step, f"it is not {found.state} any more")
        self._note(connection, found, step)

    def active(self) -> tuple[PolicySet, ...]:
        """What holds beside the built-in policies, by name."""
        return tuple(_set(row) for row in self._database.select(_ACTIVE))

    def versions(self, name: str) -> tuple[PolicySet, ...]:
        """Newest first; empty: there is no such set."""
        return tuple(_set(row) for row in self._database.select(_VERSIONS, of=name))

    def every(self) -> tuple[PolicySet, ...]:
        """All versions, by name, newest first."""
        return tuple(_set(row) for row in self._database.select(_SETS))

    def steps(self, name: str, version: int) -> tuple[Step, ...]:
        """Of a version, oldest first."""
        rows = self._database.select(_STEPS, of=name, at=version)
        return tuple(
            Step(
                state=PolicyState(row["state"]),
                person=row["person"],
                digest=row["digest"],
                at=row["at"],
                note=row["note"],
            )
            for row in rows
        )

    def _note(self, connection: Connection, found: PolicySet, step: Step) -> None:
        connection.execute(insert(STEPS), {"name": found.name, "version": found.version, **vars(step)})
        note(connection, Topic.ACCESS, [f"policy/{found.name}"])


def _late(found: PolicySet, step: Step, why: str) -> RefusedError:
    return RefusedError("SLW414", f"{found.name} {found.version} cannot become {step.state}", why=why)


def _set(row: RowMapping) -> PolicySet:
    return PolicySet(
        name=row["name"],
        version=row["version"],
        state=PolicyState(row["state"]),
        text=row["text"],
        digest=row["digest"],
    )
