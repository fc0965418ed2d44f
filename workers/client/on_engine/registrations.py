"""Documents that are registered, and what policies of pushes say: `Registrations` on the engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from activities.access.decider import Decider
from activities.access.policies import PolicyStore
from activities.access.registrar import Registrar, registered_text
from domain.access.actions import Action
from domain.access.attributes import Change
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.access.verdict import Verdict
from domain.authority.documents import ENVIRONMENT, KINDS, POLICY, DocumentKind, kind_of
from domain.authority.permit import digest_of
from domain.authority.registrations import Registration
from domain.core.documents import Object
from domain.core.errors import DefinitionError, RefusedError
from domain.policy.asked import to_start
from domain.policy.explanation import explanation
from domain.policy.policy import Policy, PolicyFor, Push
from domain.policy.refusals import of_push
from domain.triggers.events import EventKind
from domain.triggers.repository_name import repository_name
from workers.client.definitions import FILE, TOO_LONG, in_turn
from workers.client.guard import Guard, needed
from workers.client.on_engine.parts import EngineParts
from workers.client.paging import after_of, limit_of, next_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import SignedStep
from workers.client.ports.registrations import (
    Applied,
    AskedPush,
    HeldRow,
    Prepared,
    PushExplanation,
    PushPolicy,
    PushPolicyRow,
)

if TYPE_CHECKING:
    from workers.core.records import Records

T = TypeVar("T")
LIST = "push-policies"
MOST_TOLD = 20
"""Errors of a text in one refusal; `lint` says all of them."""


@dataclass(frozen=True)
class Document:
    """A valid document of a kind that is registered."""

    kind: str
    name: str
    body: Object

    @property
    def of(self) -> DocumentKind:
        """What it is to the signer."""
        return KINDS[self.kind]

    @property
    def text(self) -> str:
        """As the signer remembers it."""
        return registered_text(self.kind, self.body)


class EngineRegistrations:
    """Of one caller."""

    def __init__(self, parts: EngineParts, guard: Guard) -> None:
        self._parts, self._guard = parts, guard

    async def prepare(self, text: str) -> Prepared:
        """See `Registrations`."""
        found = await self._document(text)
        await needed(self._guard, found.of.action, found.of.named(found.name))
        known = await self._read(lambda records: records.definitions.get(found.kind, found.name))
        state = "new" if known is None else "unchanged" if known == json.loads(found.text) else "changed"
        return Prepared(kind=found.kind, name=found.name, document=found.text, state=state)

    async def apply(self, text: str, signed: SignedStep | None = None) -> Applied:
        """See `Registrations`."""
        found = await self._document(text)
        digest = digest_of(found.body)
        async with self._guard.use(found.of.action, found.of.named(found.name), {"digest": digest}) as told:
            state = await self._read(partial(self._registered, found, signed))
            told.tell(state=state)
        return Applied(kind=found.kind, name=found.name, digest=digest, state=state)

    async def push_policies(self, page: PageOf) -> Page[PushPolicyRow]:
        """See `Registrations`."""
        limit = limit_of(page)
        await needed(self._guard, Action.ACCESS_READ, ENGINE)
        after = after_of(page, (str,), LIST)
        every = await self._read(lambda records: PolicyStore(records.definitions).all())
        rows = [row_of(one) for one in every if after is None or one.name > str(after[0])]
        return Page(tuple(rows[:limit]), next_of((rows[limit - 1].name,), LIST) if len(rows) > limit else "")

    async def push_policy(self, name: str) -> PushPolicy:
        """See `Registrations`."""
        await needed(self._guard, Action.ACCESS_READ, ENGINE)
        known = await self._read(partial(_known, name))
        every = await self._read(lambda records: PolicyStore(records.definitions).all())
        row = next(row_of(one) for one in every if one.name == name)
        return PushPolicy(row=row, document=json.dumps(known))

    async def end_policy(self, name: str, signed: SignedStep | None = None) -> Applied:
        """See `Registrations`."""
        of = KINDS[POLICY]
        async with self._guard.use(of.action, of.named(name)) as told:
            digest = digest_of(await self._read(partial(_known, name)))
            told.tell(digest=digest, state="removed")
            await self._read(lambda records: self._registrar(records, signed).without_policy(name))
        return Applied(kind=POLICY, name=name, digest=digest, state="removed")

    async def explain_push(self, push: AskedPush) -> PushExplanation:
        """See `Registrations`."""
        await needed(self._guard, Action.ACCESS_READ, ENGINE)
        return await self._read(partial(_explained, replace(push, repository=repository_name(push.repository))))

    async def _document(self, text: str) -> Document:
        try:
            return await in_turn(self._guard, lambda: document_of(text))
        except TimeoutError as late:
            raise DefinitionError("SLW103", TOO_LONG) from late

    async def _read(self, look: Callable[[Records], T]) -> T:
        """Of records, which may take their time."""
        return await self._parts.blocking(lambda: look(self._parts.records))

    def _registered(self, found: Document, signed: SignedStep | None, records: Records) -> str:
        registrar = self._registrar(records, signed)
        register = registrar.environment if found.kind == ENVIRONMENT else registrar.policy
        return register(found.name, found.body)

    def _registrar(self, records: Records, signed: SignedStep | None) -> Registrar:
        """Tells the signer what the caller has signed: what they did not sign is said by hand, which no server may."""

        def tell(said: Registration) -> None:
            if self._parts.tell is not None:
                self._parts.tell(signed.on(said) if signed else said, signed.proof if signed else None)

        return Registrar(records.identities, records.definitions, tell)


def document_of(text: str) -> Document:
    """A text of YAML as it is registered; files beside it do not exist here.

    Raises:
        DefinitionError: with the first error's code, it is not valid; SLW477, this kind is of the engine's machine.
    """
    from pipeline_defs.core.diagnostics import errors
    from pipeline_defs.documents import check

    try:
        checked = check(text.encode(), FILE, lambda _: None)
    except UnicodeEncodeError as odd:
        raise DefinitionError("SLW203", "the text holds half of a surrogate pair") from odd
    wrong = errors(checked.diagnostics)
    if checked.source is None or wrong:
        why = "; ".join(f"line {one.line}: {one.code}: {one.message}" for one in wrong[:MOST_TOLD])
        raise DefinitionError(wrong[0].code, "the document is not valid", why=why)
    document = checked.source.document
    body = json.loads(document.model_dump_json())
    kind_of(body["kind"])
    return Document(body["kind"], body["name"], body)


def _known(name: str, records: Records) -> Object:
    known = records.definitions.get(POLICY, name)
    if known is None:
        raise RefusedError("SLW056", f"no policy '{name[:80]}' is registered", fix="list them: sluiceway policy list")
    return known


def row_of(policy: Policy) -> PushPolicyRow:
    """As lists show it."""
    scope = policy.scope
    return PushPolicyRow(
        name=policy.name,
        digest=policy.digest,
        repositories=scope.repositories,
        pipelines=scope.pipelines,
        branches=scope.branches,
        events=tuple(sorted(map(str, scope.events))),
    )


def _explained(push: AskedPush, records: Records) -> PushExplanation:
    held = PolicyStore(records.definitions).of(push_of(push))
    return PushExplanation(
        push=push,
        policies=held.named,
        rules=rows_of(held),
        refused=tuple(of_push(held)),
        decision=_decided(held, Decider(records.rights)),
    )


def push_of(asked: AskedPush) -> Push:
    """As policies look at it."""
    return Push(**{**asdict(asked), "event": EventKind(asked.event)})


def rows_of(held: PolicyFor) -> tuple[HeldRow, ...]:
    """Every rule with its value."""
    return tuple(HeldRow(rule=one.rule, value=one.value, source=one.source) for one in explanation(held))


def _decided(held: PolicyFor, decider: Decider) -> Verdict:
    """May its repository start the run? As `access explain runs:start` says it, with roles, labels and sets."""
    who = Caller(principal=Principal(kind=PrincipalKind.REPOSITORY, name=held.push.repository), channel="effect")
    about = Resource(kind=ResourceKind.PIPELINE, name=held.push.pipeline, pipeline=held.push.pipeline)
    return decider.decide(who, Action.RUNS_START, about, Change(objections=to_start(held)))
