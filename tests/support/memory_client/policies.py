"""Explanations, labels and sets of policies of a world in memory."""

from __future__ import annotations

from domain.access.actions import Action
from domain.access.policy_sets import PolicySet, PolicyState, digest_of, text_problem
from domain.access.resource import ENGINE, Resource
from domain.core.errors import DefinitionError, SluicewayError
from tests.support.memory_client.world import NOW, World, listed
from workers.client.guard import Guard
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import (
    Explanation,
    LabelRow,
    PolicySetDetails,
    PolicySetRow,
    SignedStep,
    Simulation,
    StepRow,
)


class MemoryPolicies:
    """Implements `Policies`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._guard = guard
        self._labels, self._sets = world.labels, world.policy_sets

    async def explain(self, action: Action, resource: Resource, principal: str = "") -> Explanation:
        """As the guard decides."""
        return Explanation(verdict=self._guard.verdict(action, resource), above=resource.above)

    async def labels(self, page: PageOf) -> Page[LabelRow]:
        """By subject."""
        self._guard.need(Action.ACCESS_READ, ENGINE)
        return listed(self._labels.values(), lambda row: (row.subject,), page)

    async def label(self, subject: str, level: int, compartments: tuple[str, ...], integrity: int = 1) -> LabelRow:
        """Holds at once."""
        self._guard.need(Action.ACCESS_LABEL, ENGINE)
        row = LabelRow(subject=subject, level=level, compartments=compartments, integrity=integrity)
        self._labels[subject] = row
        return row

    async def move(self, subject: str, project: str) -> None:
        """Is not kept."""
        self._guard.need(Action.ACCESS_GRANT, ENGINE)

    async def policy_sets(self) -> tuple[PolicySetRow, ...]:
        """In the order of drafts."""
        self._guard.need(Action.ACCESS_READ, ENGINE)
        return tuple(map(_row, self._sets))

    async def policy_set(self, name: str, version: int = 0) -> PolicySetDetails:
        """Its text."""
        self._guard.need(Action.ACCESS_READ, ENGINE)
        found = self._version(name, version)
        step = StepRow(state=PolicyState.DRAFT, person=self._guard.caller.principal.id, at=NOW)
        return PolicySetDetails(row=_row(found), text=found.text, steps=(step,), home="memory")

    async def draft(self, name: str, text: str) -> PolicySetRow:
        """The next version."""
        self._guard.need(Action.ACCESS_POLICY, ENGINE)
        if problem := text_problem(name, text):
            raise DefinitionError("SLW413", problem)
        version = sum(one.name == name for one in self._sets) + 1
        digest = digest_of(name, version, text)
        made = PolicySet(name=name, version=version, state=PolicyState.DRAFT, text=text, digest=digest)
        self._sets.append(made)
        return _row(made)

    async def simulate(self, name: str, version: int = 0) -> Simulation:
        """Nothing was ever decided."""
        self._guard.need(Action.ACCESS_POLICY, ENGINE)
        found = self._version(name, version)
        return Simulation(name=name, version=found.version, decisions=0)

    async def step(self, name: str, version: int, to: PolicyState, signed: SignedStep | None = None) -> PolicySetRow:
        """Says where it would be."""
        self._guard.need(Action.ACCESS_POLICY, ENGINE)
        found = self._version(name, version)
        return PolicySetRow(name=name, version=found.version, state=to, digest=found.digest)

    def _version(self, name: str, version: int) -> PolicySet:
        for one in reversed(self._sets):
            if one.name == name and version in (0, one.version):
                return one
        raise SluicewayError("SLW415", "there is no such set")


def _row(found: PolicySet) -> PolicySetRow:
    return PolicySetRow(name=found.name, version=found.version, state=found.state, digest=found.digest)
