"""What the signer remembers of rights: grants, labels, projects, and sets of policies with who signed their steps.

The database has the same rows, for lists and for pages. A row that was never told here gives nothing at an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.access.grants import Grant, GrantKind
from domain.access.labels import PUBLIC, Label
from domain.access.policy_sets import PolicyState
from domain.access.principal import OWNER
from domain.access.resource import DEFAULT_PROJECT
from domain.access.role import Role
from domain.core.documents import Manifest, Node

MOST_TOLD = 50
"""Differences that are listed."""


class RightTopic(StrEnum):
    """What a statement about rights says; `name` is in brackets. Values of `registrations.Topic`."""

    GRANT = "grant"
    """[id] somebody has a role, or a share."""
    REVOKED = "revoked"
    """[id] a grant or a share is taken back."""
    LABEL = "label"
    """[subject] a label holds."""
    PROJECT = "project"
    """[subject] where something belongs."""
    STEP = "step"
    """[set] a version of a set of policies was brought somewhere, by whoever signs."""


@dataclass(frozen=True)
class Version:
    """One version of a set of policies that somebody has signed."""

    name: str
    version: int
    digest: str


@dataclass
class RememberedRights:
    """Everything by its name. `apply` is all that changes it."""

    grants: dict[int, Grant] = field(default_factory=dict)
    """Those that were not revoked."""
    holders: set[str] = field(default_factory=set)
    """Principals that were ever given anything."""
    labels: dict[str, Label] = field(default_factory=dict)
    projects: dict[str, str] = field(default_factory=dict)
    shadows: dict[Version, set[str]] = field(default_factory=dict)
    """Who has brought which version into the shadow."""
    active: dict[str, Version] = field(default_factory=dict)
    """The one that holds, by set."""

    def apply(self, topic: str, name: str, body: Node) -> None:
        """Remembers a statement that was admitted."""
        match topic:
            case RightTopic.GRANT:
                made = grant_of(name, body)
                self.grants[made.id] = made
                self.holders.add(made.principal)
            case RightTopic.REVOKED:
                self.grants.pop(int(name), None)
            case RightTopic.LABEL:
                self.labels[name] = label_of(body)
            case RightTopic.PROJECT:
                self.projects[name] = body["project"].text()
            case RightTopic.STEP:
                self._step(version_of(name, body), body["state"].text(), body["person"].text())

    def _step(self, which: Version, state: str, person: str) -> None:
        if state == PolicyState.SHADOW:
            self.shadows.setdefault(which, set()).add(person)
        elif state == PolicyState.ACTIVE:
            self.active[which.name] = which
        elif state == PolicyState.RETIRED and self.active.get(which.name) == which:
            del self.active[which.name]

    @property
    def shared(self) -> bool:
        """Whether anybody beside the first administrator was ever given a right, or a rule stands above rights."""
        return len(self.holders) > 1 or bool(self.labels) or bool(self.active)

    def holds(self, grant: Grant) -> bool:
        """Whether a row of the database is a grant that was told as it is there."""
        told = self.grants.get(grant.id)
        return told is not None and _terms(told) == _terms(grant)

    def label(self, subject: str) -> Label:
        """Of a person or a resource."""
        return self.labels.get(subject, PUBLIC)

    def project(self, subject: str) -> str:
        """Where something belongs."""
        return self.projects.get(subject, DEFAULT_PROJECT)


def objection(known: RememberedRights, topic: str, name: str, body: Node) -> str:
    """Why a statement about rights is not admitted; empty: it is."""
    try:
        match topic:
            case RightTopic.GRANT:
                made = grant_of(name, body)
                same = made.id not in known.grants or _terms(known.grants[made.id]) == _terms(made)
                return "" if same else "a grant of this number says something else"
            case RightTopic.REVOKED:
                return "" if int(name) >= 0 else "it is no grant"
            case RightTopic.LABEL:
                label_of(body)
            case RightTopic.STEP:
                return _step_objection(known, version_of(name, body), body["state"].text(), body["person"].text())
    except ValueError as wrong:
        return str(wrong)[:200]
    return ""


def _step_objection(known: RememberedRights, which: Version, state: str, person: str) -> str:
    if state not in (PolicyState.SHADOW, PolicyState.ACTIVE, PolicyState.RETIRED):
        return f"nothing is brought to {state[:40]!r}"
    if state != PolicyState.ACTIVE or person == OWNER.id:
        return ""
    watched = known.shadows.get(which, set())
    if not watched:
        return "nobody has signed that this text was watched"
    return "" if watched - {person} else "whoever signed that it was watched does not activate it: a second person does"


def of_grant(grant: Grant) -> tuple[RightTopic, str, Manifest]:
    """The statement of a grant: topic, name and body."""
    terms = {name: str(getattr(grant, name)) for name in ("kind", "principal", "role", "resource", "by")}
    return RightTopic.GRANT, str(grant.id), {**terms, "until": int(grant.until)}


def of_label(subject: str, label: Label) -> tuple[RightTopic, str, Manifest]:
    """The statement of a label."""
    body: Manifest = {"level": label.level, "compartments": sorted(label.compartments), "integrity": label.integrity}
    return RightTopic.LABEL, subject, body


def of_step(name: str, version: int, digest: str, state: str, person: str) -> tuple[RightTopic, str, Manifest]:
    """The statement of a step: what its person signs."""
    return RightTopic.STEP, name, {"version": version, "digest": digest, "state": state, "person": person}


def grant_of(name: str, body: Node) -> Grant:
    """Raises:
    ValueError: it is none.
    """
    return Grant(
        id=int(name),
        kind=GrantKind(body["kind"].text()),
        principal=body["principal"].text(),
        role=Role(body["role"].text()),
        resource=body["resource"].text(),
        by=body["by"].text(),
        until=body["until"].whole(),
    )


def label_of(body: Node) -> Label:
    """Raises:
    ValueError: it is none.
    """
    return Label(
        level=body["level"].whole(),
        compartments=frozenset(body["compartments"].texts()),
        integrity=body["integrity"].whole(1),
    )


def version_of(name: str, body: Node) -> Version:
    """Of the statement of a step."""
    return Version(name, body["version"].whole(), body["digest"].text())


def differences(
    known: RememberedRights,
    grants: Iterable[Grant],
    labels: Mapping[str, Label],
    projects: Mapping[str, str],
    active: Iterable[Version],
) -> tuple[str, ...]:
    """What the database says and nobody told, or was told and is not there: sentences for people.

    A grant that the database has lost, or revoked, gives nothing, and is not told of.
    """
    found = [f"{_words(one)} was never told" for one in grants if not known.holds(one)]
    subjects = sorted({*known.labels, *labels})
    found += [f"the label of {one} is another" for one in subjects if known.label(one) != labels.get(one, PUBLIC)]
    subjects = sorted({*known.projects, *projects})
    others = (one for one in subjects if known.project(one) != projects.get(one, DEFAULT_PROJECT))
    found += [f"the project of {one} is another" for one in others]
    said = {one.name: one for one in active}
    sets = (one for one in sorted({*known.active, *said}) if known.active.get(one) != said.get(one))
    found += [f"the active set {one} is not what its people signed" for one in sets]
    return tuple(found[:MOST_TOLD])


def _words(grant: Grant) -> str:
    return f"{grant.rule}: {grant.principal} {grant.role} {grant.resource}"


def _terms(grant: Grant) -> tuple[str, str, str, str, int]:
    return grant.kind, grant.principal, grant.role, grant.resource, int(grant.until)
