"""Documents that are registered in a world in memory."""

from __future__ import annotations

import json
from dataclasses import replace

from activities.access.policies import policy_of
from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.authority.documents import KINDS, POLICY
from domain.authority.permit import digest_of
from domain.core.errors import RefusedError
from domain.policy.policy import Policy, policy_for
from domain.policy.refusals import of_push
from domain.triggers.repository_name import repository_name
from tests.support.memory_client.world import World, listed
from workers.client.guard import Guard
from workers.client.on_engine.registrations import document_of, push_of, row_of, rows_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import SignedStep
from workers.client.ports.registrations import Applied, AskedPush, Prepared, PushExplanation, PushPolicy, PushPolicyRow


class MemoryRegistrations:
    """Implements `Registrations`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._guard, self._documents = guard, world.documents

    async def prepare(self, text: str) -> Prepared:
        """Beside what is registered."""
        found = document_of(text)
        self._guard.need(found.of.action, found.of.named(found.name))
        before = self._documents.get((found.kind, found.name))
        state = "new" if before is None else "unchanged" if before == found.text else "changed"
        return Prepared(kind=found.kind, name=found.name, document=found.text, state=state)

    async def apply(self, text: str, signed: SignedStep | None = None) -> Applied:
        """No signer looks at it."""
        made, found = await self.prepare(text), document_of(text)
        self._documents[found.kind, found.name] = found.text
        state = "registered" if made.state == "new" else made.state
        return Applied(kind=found.kind, name=found.name, digest=digest_of(found.body), state=state)

    async def push_policies(self, page: PageOf) -> Page[PushPolicyRow]:
        """By name."""
        self._guard.need(Action.ACCESS_READ, ENGINE)
        return listed(map(row_of, self._policies()), lambda row: (row.name,), page)

    async def push_policy(self, name: str) -> PushPolicy:
        """As registered."""
        self._guard.need(Action.ACCESS_READ, ENGINE)
        document = self._need(name)
        return PushPolicy(row=row_of(policy_of(name, json.loads(document))), document=document)

    async def end_policy(self, name: str, signed: SignedStep | None = None) -> Applied:
        """No signer looks at it."""
        of = KINDS[POLICY]
        self._guard.need(of.action, of.named(name))
        digest = digest_of(json.loads(self._need(name)))
        del self._documents[POLICY, name]
        return Applied(kind=POLICY, name=name, digest=digest, state="removed")

    async def explain_push(self, push: AskedPush) -> PushExplanation:
        """As the guard decides."""
        self._guard.need(Action.ACCESS_READ, ENGINE)
        push = replace(push, repository=repository_name(push.repository))
        held = policy_for(push_of(push), self._policies())
        about = Resource(kind=ResourceKind.PIPELINE, name=push.pipeline)
        return PushExplanation(
            push=push,
            policies=held.named,
            rules=rows_of(held),
            refused=tuple(of_push(held)),
            decision=self._guard.verdict(Action.RUNS_START, about),
        )

    def _policies(self) -> list[Policy]:
        return [policy_of(name, json.loads(one)) for (kind, name), one in self._documents.items() if kind == POLICY]

    def _need(self, name: str) -> str:
        if (POLICY, name) not in self._documents:
            raise RefusedError("SLW056", "no such policy is registered")
        return self._documents[POLICY, name]
