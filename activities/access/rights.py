"""What the records say of whoever asks, and of what they ask for: read at the moment of the decision."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from activities.access.decision_store import DecisionStore
from activities.access.grant_store import GrantStore
from activities.access.label_store import LabelStore
from activities.access.policy_set_store import PolicySetStore
from activities.access.project_store import ProjectStore
from activities.access.run_standing import standings
from activities.storage.database import Database
from domain.access.attributes import Known
from domain.access.engine import Asker
from domain.access.grants import Grant, holders_of, rights_id
from domain.access.labels import PUBLIC, Label, together
from domain.access.policy_sets import PolicySet, is_whole
from domain.access.principal import Caller, PrincipalKind
from domain.access.resource import DEFAULT_PROJECT, ENGINE_ID, OF_ENGINE, Resource, ResourceKind, placed_by_name

AT_ONCE = 50
"""Askers of one query, which names all their groups."""


@dataclass(frozen=True)
class Slice:
    """The part of the records that some questions of one asker need."""

    asker: Asker
    resources: tuple[Resource, ...]
    """With project and label."""
    grants: tuple[Grant, ...]


class Rights:
    """The stores of rights, on one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.grants = GrantStore(database)
        self.labels = LabelStore(database)
        self.projects = ProjectStore(database)
        self.policies = PolicySetStore(database)
        self.decisions = DecisionStore(database)

    def of(self, caller: Caller, resources: Sequence[Resource], now: float) -> Slice:
        """What decisions about these resources need: its size is that of the question, not of the installation."""
        placed = self.placed(resources)
        ids = {id_ for one in placed for id_ in one.above}
        asked = rights_id(caller)
        labels = self.labels.of({*ids, asked})
        holders = holders_of(caller)
        grants = self.grants.of(holders, {*ids, ENGINE_ID}, now)
        return Slice(
            asker=self._asker(caller, holders, grants, labels.get(asked, PUBLIC)),
            resources=tuple(_labelled(one, labels) for one in placed),
            grants=grants,
        )

    def of_each(self, callers: Sequence[Caller], now: float) -> tuple[Slice, ...]:
        """What questions about no resource of theirs need, read once for all of them; in order."""
        parts = (callers[start : start + AT_ONCE] for start in range(0, len(callers), AT_ONCE))
        return tuple(one for part in parts for one in self._of_each(part, now))

    def _of_each(self, callers: Sequence[Caller], now: float) -> Iterator[Slice]:
        labels = self.labels.of({rights_id(one) for one in callers})
        holders = [holders_of(one) for one in callers]
        grants = self.grants.of(frozenset[str]().union(*holders), {ENGINE_ID}, now)
        for caller, holds in zip(callers, holders, strict=True):
            own = tuple(one for one in grants if one.principal in holds)
            asker = self._asker(caller, holds, own, labels.get(rights_id(caller), PUBLIC))
            yield Slice(asker=asker, resources=(), grants=own)

    def are_whole(self, sets: Sequence[PolicySet]) -> bool:
        """Whether these active sets are what their people brought there."""
        return all(is_whole(one, self.policies.steps(one.name, one.version)) for one in sets)

    def placed(self, resources: Sequence[Resource]) -> tuple[Resource, ...]:
        """In the projects that the records say: what a caller says of it counts for nothing."""
        resources = tuple(map(placed_by_name, self._of_runs(resources)))
        anchors = {one.anchor for one in resources} - {""}
        found = self.projects.of(anchors) if anchors else {}
        return tuple(
            replace(one, project="" if one.kind in OF_ENGINE else found.get(one.anchor, DEFAULT_PROJECT))
            for one in resources
        )

    def _of_runs(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        """Runs with their owner, and no more trust than their records say: a button knows a run by its name alone."""
        names = {one.name for one in resources if one.kind == ResourceKind.RUN and not one.owner}
        found = standings(self.database, names) if names else {}
        if not found:
            return resources
        return [
            replace(one, owner=known.owner, integrity=min(one.integrity, known.integrity))
            if one.kind == ResourceKind.RUN and not one.owner and (known := found.get(one.name))
            else one
            for one in resources
        ]

    def _asker(self, caller: Caller, holders: frozenset[str], grants: Collection[Grant], clearance: Label) -> Asker:
        about = caller.rights_of or caller.principal
        roles = frozenset(str(one.role) for one in grants if one.resource == ENGINE_ID)
        project = ""
        if about.kind == PrincipalKind.REPOSITORY:
            project = self.projects.of({about.id}).get(about.id, DEFAULT_PROJECT)
        known = Known(clearance=clearance, roles=roles, project=project, attributes=about.attributes)
        return Asker(principal=caller.principal, rights_id=rights_id(caller), holders=holders, known=known)


def _labelled(resource: Resource, labels: Mapping[str, Label]) -> Resource:
    own = Label(level=resource.level, compartments=frozenset(resource.compartments), integrity=resource.integrity)
    label = together([own, *(labels[one] for one in resource.above if one in labels)])
    return replace(
        resource, level=label.level, compartments=tuple(sorted(label.compartments)), integrity=label.integrity
    )
