"""Approvals on the engine: what waits, all that is known of it, and decisions that people have signed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from activities.access.approval_lists import APPROVAL_COLUMNS, OF_CLUSTER, ApprovalLists, ListedApproval
from activities.storage.condition import Condition, either
from domain.access.actions import Action
from domain.access.principal import PrincipalKind
from domain.access.resource import Resource, ResourceKind, cluster_resource
from domain.approvals.request import ApprovalSubject, Decision, DecisionReason, Outcome, fingerprint
from domain.core.errors import RefusedError, SluicewayError
from domain.core.values import Json
from workers.client.calls import explained, no_open, update
from workers.client.guard import Guard, needed
from workers.client.on_engine.approvals import approval_details
from workers.client.on_engine.approvals.approvers import Approvers, Signer
from workers.client.on_engine.lists import condition_of
from workers.client.on_engine.parts import EngineParts, update_id
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.approvals import Answer, ApprovalDetails, ApprovalRow
from workers.client.ports.pages import Page, PageOf
from workers.client.unseen import unseen
from workflows.approvals.messages import ApprovalView, DecideAnswer

OLDEST = (float, str)
ANSWERS_WITHIN_S = 2.0
CHUNK = 200
MOST_CHUNKS = 20
"""Open requests that are looked at for one page of an inbox."""
CHANGED = frozenset(map(str, (DecisionReason.OTHER, DecisionReason.RULE)))
"""Rules that say that something else was signed than what is asked now."""


class EngineApprovals:
    """Implements `Approvals`."""

    def __init__(self, parts: EngineParts, guard: Guard, signer: Signer | None = None) -> None:
        """`signer`: None, that of the home."""
        self._parts, self._guard, self._signer = parts, guard, signer
        self._lists = ApprovalLists(parts.rows)

    @property
    def _approvers(self) -> Approvers:
        """What it has read is old with the next call."""
        return Approvers(self._parts, self._guard, self._signer)

    async def inbox(self, page: PageOf, *, mine: bool = True) -> Page[ApprovalRow]:
        """Open requests, oldest first."""
        limit, after, now = limit_of(page), after_of(page, OLDEST, "inbox", str(mine)), time.time()
        rows, last = await self._parts.read(lambda: self._page(now, after, limit, mine=mine))
        rows = [row for row, waits in zip(rows, await self._still_wait(rows), strict=True) if waits]
        return Page(tuple(rows), next_of(last, "inbox", str(mine)) if last else "", now)

    async def _still_wait(self, rows: Sequence[ApprovalRow]) -> list[bool]:
        """Steps of a release have no record of their own end: whoever decided one by a command told nobody here."""
        return await asyncio.gather(*(self._still_waits(row) for row in rows))

    async def _still_waits(self, row: ApprovalRow) -> bool:
        from workers.client import approvals

        if not row.run.startswith(("release/", "request/")):
            return True
        try:
            view = await asyncio.wait_for(approvals.view_of(await self._parts.engine(), row.id), ANSWERS_WITHIN_S)
        except (SluicewayError, TimeoutError):
            return True
        if view.outcome != Outcome.PENDING:
            await self._parts.blocking(lambda: self._parts.records.approvals.close(row.id, view.outcome, time.time()))
        return view.outcome == Outcome.PENDING

    def _page(self, now: float, after: Key | None, limit: int, *, mine: bool) -> tuple[list[ApprovalRow], Key | None]:
        readable, may, exact = self._readable()
        found, approvers = list[ApprovalRow](), self._approvers
        for _ in range(MOST_CHUNKS):
            before = (float(after[0]), str(after[1])) if after else None
            listed = self._lists.open(now, before, CHUNK, may)
            kept = (True,) * len(listed) if exact else readable([resource_of(one) for one in listed])
            for one, reads in zip(listed, kept, strict=True):
                row = self._row(one, approvers) if reads else None
                if row is None or (mine and not row.mine):
                    continue
                if len(found) == limit:
                    return found, (found[-1].opened_at, found[-1].id)
                found.append(row)
            if len(listed) < CHUNK:
                return found, None
            after = (listed[-1].opening.at, listed[-1].id)
        return found, after

    def _readable(self) -> tuple[Callable[[Sequence[Resource]], Sequence[bool]], Condition, bool]:
        """Those of runs, and those of requests to clusters: decided each, in SQL, and whether SQL is all of it."""
        runs = self._guard.readable(Action.APPROVALS_READ, ResourceKind.RUN)
        clusters = self._guard.readable(Action.APPROVALS_READ, ResourceKind.CLUSTER)
        exact = all(one.everything or one.exact for one in (runs, clusters))
        may = either(condition_of(runs, APPROVAL_COLUMNS), condition_of(clusters, OF_CLUSTER), "approvals.cluster = ''")
        return runs.keep, may, exact

    def _row(self, one: ListedApproval, approvers: Approvers) -> ApprovalRow:
        why = approvers.why_not(one, resource_of(one))
        return ApprovalRow(
            id=one.id,
            run=one.opening.run,
            job=one.opening.job,
            pipeline=one.opening.pipeline,
            environment=one.opening.environment,
            waiting_for=approval_details.waits(one),
            opened_at=one.opening.at,
            expires_at=one.expires_at,
            mine=not why,
            why_not=why,
        )

    async def show(self, id_: str) -> ApprovalDetails:
        """From the workflow that asks, the document that is signed, the records and the commits."""
        listed, view = await self._asked(id_)
        return await self._parts.blocking(lambda: self._details(id_, listed, view))

    def _details(self, id_: str, listed: ListedApproval | None, view: ApprovalView) -> ApprovalDetails:
        if view.outcome != Outcome.PENDING and listed is not None and not listed.closed:
            self._parts.records.approvals.close(id_, view.outcome, time.time())
        subject = self._subject(view)
        row = self._row(listed, self._approvers) if listed else approval_details.unlisted(id_, view)
        why = self._why_not(row, view)
        row = replace(row, waiting_for=view.waiting_for, expires_at=view.expires_at, mine=not why, why_not=why)
        approvers = self._approvers
        found = approval_details.details(self._parts, row, view, subject, approvers.rule(subject.environment))
        return replace(found, passkeys=approvers.passkeys)

    def _why_not(self, row: ApprovalRow, view: ApprovalView) -> str:
        """Why the caller may not decide it any more, or at all; empty: they may."""
        who = self._approvers.person
        if view.outcome != Outcome.PENDING:
            return str(DecisionReason.CLOSED)
        if any(one.rule is DecisionReason.COUNTED and one.decision.approver == who for one in view.records):
            return str(DecisionReason.REPEATED)
        return row.why_not

    def _subject(self, view: ApprovalView) -> ApprovalSubject:
        """What a decision has to be for: the workflow looks at the environment's rule again before it counts one."""
        if view.binding.version < 2 or view.outcome != Outcome.PENDING:
            return view.binding
        return replace(view.binding, rule=self._approvers.rule(view.binding.environment).digest)

    async def decide(self, id_: str, decision: Decision, digest: str) -> Answer:
        """Sends what the approver has signed; the worker and the signer verify it."""
        listed, view = await self._asked(id_)
        about = approval_resource(id_, listed)
        details: Mapping[str, Json] = {"approve": decision.approve, "fingerprint": digest[:64]}
        async with self._guard.use(Action.APPROVALS_DECIDE, about, details) as outcome:
            self._must_be_their_own(decision)
            subject = await self._parts.blocking(lambda: self._subject(view))
            if digest != fingerprint(subject):
                raise _changed(id_)
            answer = await self._send(id_, decision)
            outcome.tell(counted=answer.counted, rule=answer.rule, outcome=answer.outcome)
            if answer.outcome != Outcome.PENDING:
                await self._parts.blocking(
                    lambda: self._parts.records.approvals.close(id_, answer.outcome, time.time())
                )
        if answer.rule in CHANGED:
            raise _changed(id_)
        return Answer(answer.counted, answer.rule, answer.outcome, answer.advice)

    async def _send(self, id_: str, decision: Decision) -> DecideAnswer:
        engine = await self._parts.engine()
        handle = engine.client.get_workflow_handle(id_)
        key = update_id(self._guard.caller, "decide", decision.request_id)
        return await explained(engine, id_, update(handle, "decide", decision, DecideAnswer, key))

    def _must_be_their_own(self, decision: Decision) -> None:
        if self._guard.caller.principal.kind is PrincipalKind.OWNER:
            return
        if not decision.approver or decision.approver != self._approvers.person:
            why = f"you are {self._approvers.person or 'nobody who signs'}"
            what = f"a decision of {decision.approver[:64] or 'nobody'} is not yours to send"
            raise RefusedError("SLW436", what, why=why)

    async def _asked(self, id_: str) -> tuple[ListedApproval | None, ApprovalView]:
        """The engine is asked for those alone who may read it.

        Raises:
            SluicewayError: SLW907, there is no such request that the caller may read.
        """
        from workers.client import approvals

        listed = await self._parts.read(lambda: self._lists.get(id_))
        about = approval_resource(id_, listed)
        async with unseen(self._guard, Action.APPROVALS_READ, about, no_open(id_)):
            await needed(self._guard, Action.APPROVALS_READ, about)
        return listed, await approvals.view_of(await self._parts.engine(), id_)


def _changed(id_: str) -> RefusedError:
    return RefusedError("SLW447", "what is to be approved has changed", where=id_)


def resource_of(one: ListedApproval) -> Resource:
    """The run that asks, with the environment that it asks for; or the cluster that something is asked of."""
    if one.opening.cluster:
        return cluster_resource(one.opening.cluster)
    return Resource(
        kind=ResourceKind.RUN,
        name=one.opening.run,
        pipeline=one.opening.pipeline,
        environment=one.opening.environment,
    )


def approval_resource(id_: str, listed: ListedApproval | None) -> Resource:
    """Of a request that an earlier engine opened, only its id is known."""
    if listed is not None:
        return resource_of(listed)
    asker: Sequence[str] = id_.removeprefix("approval/").split("/")
    if asker[0] == "request" and len(asker) > 2:
        return cluster_resource(asker[1])
    return Resource(kind=ResourceKind.RUN, name="run/" + "/".join(asker[:2]), pipeline=asker[0])
