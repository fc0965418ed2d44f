"""Why something is allowed, labels, projects, and sets of policies: `Policies` on the engine."""

from __future__ import annotations

import asyncio

from activities.access.label_store import Proposal
from activities.access.policy_engines import checking
from activities.access.told_rights import moved, statement
from domain.access.actions import Action
from domain.access.attributes import Change
from domain.access.audit import AuditKind
from domain.access.decide import answers, layer_of
from domain.access.grants import holder_problem, holders_of, resource_problem
from domain.access.labels import Label, problem
from domain.access.owner import is_owner
from domain.access.policy_sets import MAX_SETS, PolicySet, PolicyState, Step, step_problem, text_problem
from domain.access.resource import DEFAULT_PROJECT, ENGINE, OF_ENGINE, Resource, ResourceKind
from domain.access.verdict import Verdict
from domain.authority.rights import of_label, of_step
from domain.core import names
from domain.core.documents import Manifest
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.client.paging import after_of, limit_of, next_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import (
    Explanation,
    LabelRow,
    PolicySetDetails,
    PolicySetRow,
    RuleRow,
    SignedStep,
    Simulation,
    StepRow,
)
from workers.client.rights.ground import RightsGround, resource_of, row_of
from workers.client.rights.pushes import of_push
from workers.client.rights.simulating import simulated

SIGNED = frozenset({PolicyState.SHADOW, PolicyState.ACTIVE, PolicyState.RETIRED})
"""Steps that whoever takes them signs: the signer remembers them."""


class PoliciesOnEngine:
    """Of one caller."""

    def __init__(self, ground: RightsGround) -> None:
        self._ground = ground

    async def explain(self, action: Action, resource: Resource, principal: str = "") -> Explanation:
        """See `Policies`."""
        return await asyncio.to_thread(self._explain, action, resource, principal)

    async def labels(self, page: PageOf) -> Page[LabelRow]:
        """See `Policies`."""
        return await asyncio.to_thread(self._labels, page)

    async def label(self, subject: str, level: int, compartments: tuple[str, ...], integrity: int = 1) -> LabelRow:
        """See `Policies`."""
        label = Label(level=level, compartments=frozenset(compartments), integrity=integrity)
        return await asyncio.to_thread(self._label, subject, label)

    async def move(self, subject: str, project: str) -> None:
        """See `Policies`."""
        await asyncio.to_thread(self._move, subject, project)

    async def policy_sets(self) -> tuple[PolicySetRow, ...]:
        """See `Policies`."""
        return await asyncio.to_thread(self._policy_sets)

    async def policy_set(self, name: str, version: int = 0) -> PolicySetDetails:
        """See `Policies`."""
        return await asyncio.to_thread(self._policy_set, name, version)

    async def draft(self, name: str, text: str) -> PolicySetRow:
        """See `Policies`."""
        return await asyncio.to_thread(self._draft, name, text)

    async def simulate(self, name: str, version: int = 0) -> Simulation:
        """See `Policies`."""
        return await asyncio.to_thread(self._simulate, name, version)

    async def step(self, name: str, version: int, to: PolicyState, signed: SignedStep | None = None) -> PolicySetRow:
        """See `Policies`."""
        return await asyncio.to_thread(self._step, name, version, to, signed)

    def _explain(self, action: Action, resource: Resource, principal: str) -> Explanation:
        ground = self._ground
        about = ground.about(principal, resource)
        change = of_push(ground.policies, about, action, resource)
        verdict = ground.decider.decide(about, action, resource, change)
        if is_owner(about):
            return Explanation(verdict=verdict, above=resource.above)
        question = ground.decider.questions(about, [(action, resource)], verdict.at, change)[0]
        engine = ground.decider.engine()
        answer = answers(engine, [question])[0] if engine else None
        forbids = [*answer.forbids, *answer.errors] if answer else []
        rules = [RuleRow(rule=one, layer=layer_of(one), permits=False) for one in forbids]
        rules += [RuleRow(rule=one, layer=layer_of(one), permits=True) for one in (answer.permits if answer else ())]
        known, placed = question.asker.known.clearance, question.resource
        return Explanation(
            verdict=verdict,
            rules=tuple(rules),
            grants=tuple(map(row_of, question.grants)),
            above=placed.above,
            clearance=_label_row(question.asker.rights_id, known),
            label=LabelRow(
                subject=placed.id, level=placed.level, compartments=placed.compartments, integrity=placed.integrity
            ),
            second_factor_age_s=question.attributes.second_factor_age,
        )

    def _labels(self, page: PageOf) -> Page[LabelRow]:
        ground, limit = self._ground, limit_of(page)
        ground.guard.need(Action.ACCESS_READ, ENGINE)
        after = after_of(page, (str,), "labels")
        found = ground.rights.labels.page(str(after[0]) if after else "", limit + 1)
        rows = [_label_row(subject, label) for subject, label in list(found.items())[:limit]]
        more = next_of((rows[-1].subject,), "labels") if len(found) > limit else ""
        return Page(tuple(rows), more, ground.clock())

    def _label(self, subject: str, label: Label) -> LabelRow:
        ground, now = self._ground, self._ground.clock()
        wrong = holder_problem(subject) and resource_problem(subject)
        if wrong := (wrong or problem(label)):
            raise DefinitionError("SLW412", wrong)
        verdict = ground.need(Action.ACCESS_LABEL, ENGINE, Change(own=subject == ground.who))
        details: Manifest = {"subject": subject, "level": label.level, "compartments": sorted(label.compartments)}
        with ground.change(AuditKind.LABEL, verdict, details) as changing:
            connection = changing.connection
            before = ground.rights.labels.proposal(connection, subject)
            agreed = before is not None and before.label == label and before.by != ground.who
            changing.details["holds"] = holds = agreed or is_owner(ground.caller)
            if holds:
                first = before.by if before and agreed else ground.who
                ground.rights.labels.set(connection, subject, label, first, ground.who, now)
                changing.said.append(statement(of_label(subject, label)))
            else:
                ground.rights.labels.propose(connection, Proposal(subject=subject, label=label, by=ground.who, at=now))
        return LabelRow(
            subject=subject,
            level=label.level,
            compartments=tuple(sorted(label.compartments)),
            integrity=label.integrity,
            waiting=not holds,
            by=ground.who,
        )

    def _move(self, subject: str, project: str) -> None:
        ground, about = self._ground, resource_of(subject)
        if about.kind in {*OF_ENGINE, ResourceKind.RUN, ResourceKind.RELEASE} or not names.is_name(project):
            raise DefinitionError("SLW412", f"{subject[:80]} cannot be in a project {project[:80]!r}")
        before = ground.rights.projects.of({subject}).get(subject, DEFAULT_PROJECT)
        old, new = f"project:{before}", f"project:{project}"
        own = bool(ground.rights.grants.of(holders_of(ground.caller), {new}, ground.clock()))
        verdict = ground.need(Action.ACCESS_GRANT, ENGINE, Change(own=own))  # a role of the mover's would cover more
        if ground.rights.labels.of({old, new}):  # and what is moved gets another label
            ground.need(Action.ACCESS_LABEL, ENGINE)
        details = {"subject": subject, "project": project, "before": before}
        with ground.change(AuditKind.GRANT, verdict, details) as changing:
            ground.rights.projects.move(changing.connection, subject, project)
            changing.said.append(moved(subject, project))

    def _policy_sets(self) -> tuple[PolicySetRow, ...]:
        self._ground.guard.need(Action.ACCESS_READ, ENGINE)
        return tuple(map(_row, self._ground.rights.policies.every()))

    def _policy_set(self, name: str, version: int) -> PolicySetDetails:
        self._ground.guard.need(Action.ACCESS_READ, ENGINE)
        found = self._version(name, version)
        steps = self._ground.rights.policies.steps(name, found.version)
        rows = tuple(StepRow(state=one.state, person=one.person, at=one.at, note=one.note) for one in steps)
        return PolicySetDetails(row=_row(found), text=found.text, steps=rows, home=self._ground.home())

    def _draft(self, name: str, text: str) -> PolicySetRow:
        ground = self._ground
        verdict = ground.need(Action.ACCESS_POLICY, ENGINE)
        if wrong := text_problem(name, text):
            raise DefinitionError("SLW413", wrong)
        others = [one for one in ground.rights.policies.active() if one.name != name]
        if len(others) >= MAX_SETS:
            raise DefinitionError("SLW413", f"there are {MAX_SETS} active sets already")
        taken = [id_ for one in others for id_ in checking.ids_of(one.text)]
        if found := checking.problems(text, taken):
            raise DefinitionError("SLW413", f"the set {name} is not valid", why="; ".join(found))
        with ground.change(AuditKind.POLICY, verdict, {"set": name, "state": "draft"}) as changing:
            made = ground.rights.policies.draft(changing.connection, name, text, ground.who, ground.clock())
            changing.details.update({"version": made.version, "digest": made.digest})
        return _row(made)

    def _simulate(self, name: str, version: int) -> Simulation:
        ground = self._ground
        verdict = ground.need(Action.ACCESS_POLICY, ENGINE)
        found = self._version(name, version)
        result = simulated(ground.decider, found)
        steps = ground.rights.policies.steps(name, found.version)
        if found.state == PolicyState.DRAFT and not step_problem(found, steps, PolicyState.SIMULATED, ground.who):
            note = f"of {result.decisions} decisions, {result.refused} more refused, {result.allowed} more allowed"
            self._moved(found, PolicyState.SIMULATED, verdict, note)
        return result

    def _step(self, name: str, version: int, to: PolicyState, signed: SignedStep | None) -> PolicySetRow:
        ground = self._ground
        verdict = ground.need(Action.ACCESS_POLICY, ENGINE)
        found = self._version(name, version)
        steps = ground.rights.policies.steps(name, found.version)
        if to in (PolicyState.DRAFT, PolicyState.SIMULATED):
            raise RefusedError("SLW414", f"nothing is brought to {to}: draft it, or simulate it")
        if wrong := step_problem(found, steps, to, ground.who):
            raise RefusedError("SLW414", f"{name} {found.version} cannot become {to}", why=wrong)
        return self._moved(found, to, verdict, "", signed)

    def _moved(
        self, found: PolicySet, to: PolicyState, verdict: Verdict, note: str, signed: SignedStep | None = None
    ) -> PolicySetRow:
        ground = self._ground
        step = Step(state=to, person=ground.who, digest=found.digest, at=ground.clock(), note=note)
        details: Manifest = {"set": found.name, "version": found.version, "state": str(to), "digest": found.digest}
        if to in SIGNED:  # first: a step that nobody has signed is not taken
            said = statement(of_step(found.name, found.version, found.digest, to, ground.who))
            ground.tell(signed.on(said) if signed else said, signed.proof if signed else None)
        with ground.change(AuditKind.POLICY, verdict, details) as changing:
            ground.rights.policies.move(changing.connection, found, step)
        return PolicySetRow(name=found.name, version=found.version, state=to, digest=found.digest)

    def _version(self, name: str, version: int) -> PolicySet:
        versions = self._ground.rights.policies.versions(name)
        found = next((one for one in versions if version in (0, one.version)), None)
        if found is None:
            raise SluicewayError("SLW415", f"there is no set of policies {name[:80]} {version or ''}".rstrip())
        return found


def _row(found: PolicySet) -> PolicySetRow:
    return PolicySetRow(name=found.name, version=found.version, state=found.state, digest=found.digest)


def _label_row(subject: str, label: Label) -> LabelRow:
    return LabelRow(
        subject=subject,
        level=label.level,
        compartments=tuple(sorted(label.compartments)),
        integrity=label.integrity,
    )
