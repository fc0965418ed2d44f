"""Rights as the signer was told of them: what the database says beside that gives nothing at an effect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select

from activities.access.grant_store import GrantStore
from activities.access.label_store import LABELS, LabelStore
from activities.access.policy_set_store import PolicySetStore
from activities.access.project_store import MEMBERS, ProjectStore
from activities.access.rights import Rights
from activities.storage.database import Database
from domain.access.grants import Grant
from domain.access.labels import Label
from domain.access.policy_sets import PolicySet, PolicyState
from domain.access.principal import OWNER
from domain.access.resource import DEFAULT_PROJECT
from domain.authority import rights
from domain.authority.registrations import Registration, Topic
from domain.authority.rights import RememberedRights, Version
from domain.core.documents import Manifest


class _ToldGrants(GrantStore):
    def __init__(self, database: Database, known: RememberedRights) -> None:
        super().__init__(database)
        self._known = known

    def of(self, holders: Collection[str], resources: Collection[str], now: float) -> tuple[Grant, ...]:
        """Rows that were told: one that is revoked in either place gives nothing."""
        return tuple(one for one in super().of(holders, resources, now) if self._known.holds(one))


class _ToldLabels(LabelStore):
    def __init__(self, database: Database, known: RememberedRights) -> None:
        super().__init__(database)
        self._known = known

    def of(self, subjects: Collection[str]) -> dict[str, Label]:
        """Nothing is read."""
        return {one: self._known.labels[one] for one in subjects if one in self._known.labels}


class _ToldProjects(ProjectStore):
    def __init__(self, database: Database, known: RememberedRights) -> None:
        super().__init__(database)
        self._known = known

    def of(self, subjects: Collection[str]) -> dict[str, str]:
        """Nothing is read."""
        found = {one: self._known.project(one) for one in subjects}
        return {one: project for one, project in found.items() if project != DEFAULT_PROJECT}


class ToldRights(Rights):
    """The stores of rights as the signer reads them."""

    def __init__(self, database: Database, known: RememberedRights) -> None:
        super().__init__(database)
        self.known = known
        self.grants: GrantStore = _ToldGrants(database, known)
        self.labels: LabelStore = _ToldLabels(database, known)
        self.projects: ProjectStore = _ToldProjects(database, known)

    def are_whole(self, sets: Sequence[PolicySet]) -> bool:
        """Whether the active sets are exactly those that people have signed for: one that is gone is missed, too."""
        return super().are_whole(sets) and set(map(_version, sets)) == set(self.known.active.values())


def _version(found: PolicySet) -> Version:
    return Version(found.name, found.version, found.digest)


def statement(said: tuple[rights.RightTopic, str, Manifest]) -> Registration:
    """As the signer is told."""
    topic, name, body = said
    return Registration(topic=Topic(topic.value), name=name, body=body)


def revoked(grant: int) -> Registration:
    """That a grant or a share gives nothing any more."""
    return Registration(topic=Topic.REVOKED, name=str(grant))


def moved(subject: str, project: str) -> Registration:
    """That something belongs to a project."""
    return Registration(topic=Topic.PROJECT, name=subject, body={"project": project})


def rights_taken_over(database: Database, now: float) -> Iterator[Registration]:
    """What the database says of rights, when the signer begins to remember them itself."""
    for grant in _every_grant(database, now):
        yield statement(rights.of_grant(grant))
    for subject, label in _every_label(database).items():
        yield statement(rights.of_label(subject, label))
    for subject, project in _every_project(database).items():
        yield moved(subject, project)
    for one in PolicySetStore(database).active():
        yield statement(rights.of_step(one.name, one.version, one.digest, PolicyState.ACTIVE, OWNER.id))


def differences(database: Database, known: RememberedRights, now: float) -> tuple[str, ...]:
    """Between the database and what the signer was told: sentences for people."""
    active = map(_version, PolicySetStore(database).active())
    return rights.differences(
        known, _every_grant(database, now), _every_label(database), _every_project(database), active
    )


PART = 1_000


def _every_grant(database: Database, now: float) -> Iterator[Grant]:
    store, last = GrantStore(database), 0
    while part := store.page("", last, PART, now):
        yield from part
        last = part[-1].id


def _every_label(database: Database) -> dict[str, Label]:
    subjects = [row["subject"] for row in database.select(select(LABELS.c.subject))]
    return LabelStore(database).of(subjects) if subjects else {}


def _every_project(database: Database) -> dict[str, str]:
    return {row["subject"]: row["project"] for row in database.select(select(MEMBERS))}
