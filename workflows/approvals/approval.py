"""Waits for decisions by signal or update, sends reminders, and expires. domain.approvals decides which decisions
count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from pydantic import JsonValue
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from activities.access.port import IdentityActivities, PeopleActivities
from activities.notifications.port import Notice, NotifyActivities
from domain.approvals import decisions as approval
from domain.approvals import registration, untrusted
from domain.approvals.opening import Opening
from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    Decision,
    DecisionReason,
    DecisionRecord,
    Outcome,
    Request,
    Trust,
    VerifiedIdentity,
)
from domain.approvals.untrusted import as_decision, carried
from workflows.approvals.details import details
from workflows.approvals.messages import ApprovalInput, ApprovalResult, ApprovalView, DecideAnswer
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import ended_badly

COUNTED_AGAIN = "counted-again"
"""Histories from before this patch counted a decision for good, whatever became of its approver."""
FROM_COMMITS = "people-of-the-commits"
UNSIGNED_ARE_TOLD = "unsigned-decisions-are-told"
"""Histories from before this patch believed the names in the event."""
REFUSED_UNSEEN = "refused-unseen"
"""Histories from before this patch looked up the key of every signed decision."""
MAX_WAITING = 50
"""Decisions by signal that may wait for a look at their signatures: each look costs the history several events."""
SHOWN_ADDRESSES = 10
UNCHECKED = VerifiedIdentity()
MAX_RECORDS = 200
"""Further decisions are answered but not kept, so that a flood cannot fill the history."""


@workflow.defn(name="Approval")
class ApprovalWorkflow:
    """`approval/NAME/N/JOB`: one approval request, until its outcome."""

    @workflow.init
    def __init__(self, input: ApprovalInput) -> None:
        self._input = input
        self._request: Request | None = None
        self._records: tuple[DecisionRecord, ...] = ()
        self._lock = asyncio.Lock()
        self._unowned: tuple[str, ...] = ()
        self._unread: list[tuple[JsonValue, bool | None]] = []
        self._waiting: list[Decision] = list(input.waiting)
        self._refuses_unseen = True

    @workflow.run
    async def run(self, input: ApprovalInput) -> ApprovalResult:
        """Runs until decisions or expiry settle the request, then waits for its handlers."""
        self._refuses_unseen = workflow.patched(REFUSED_UNSEEN)
        if refused := await self._open(input):
            result = ApprovalResult(str(Outcome.REFUSED), refused)
            return ended_badly("Approval", str(Outcome.REFUSED), refused, result)
        reminders = asyncio.create_task(self._remind())
        while self._outcome() is Outcome.PENDING:
            left_s = max(0.0, self._asked.expires_at - workflow.time())
            try:
                await workflow.wait_condition(
                    lambda: bool(self._unread or self._waiting) or self._outcome() is not Outcome.PENDING,
                    timeout=timedelta(seconds=left_s),
                    timeout_summary="the approval expires",
                )
            except TimeoutError:
                break
            await self._read_signals()
            if workflow.info().is_continue_as_new_suggested() and self._outcome() is Outcome.PENDING:
                await self._continue(reminders)
        await self._read_signals()
        reminders.cancel()
        await asyncio.gather(reminders, return_exceptions=True)
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._show()
        counted = [
            record for record in self._records if record.rule is DecisionReason.COUNTED and record.decision.approve
        ]
        outcome, reason = self._outcome(), approval.explain(self._asked, self._records, workflow.time())
        result = ApprovalResult(
            *(str(outcome), reason, tuple(record.decision.approver for record in counted), self._records),
            rule=self._asked.binding.rule,
        )
        return result if outcome is Outcome.GRANTED else ended_badly("Approval", str(outcome), reason, result)

    async def _continue(self, reminders: asyncio.Task[None]) -> None:
        """Continues as new after thousands of signals, with the same request, so signatures stay valid."""
        reminders.cancel()
        await asyncio.gather(reminders, return_exceptions=True)
        await workflow.wait_condition(workflow.all_handlers_finished)
        await self._read_signals()
        if self._outcome() is Outcome.PENDING:
            records, waiting = carried(self._records), tuple(self._waiting)
            workflow.continue_as_new(replace(self._input, opened=self._request, records=records, waiting=waiting))

    async def _open(self, input: ApprovalInput) -> str:
        """Makes the request; why nothing can be approved there, or empty."""
        if input.opened is not None:
            self._request, self._records = input.opened, input.records
            self._show()
            return ""
        # asked before anything else: a marker between two local activities is not always found again
        from_commits = input.people.change is not None and workflow.patched(FROM_COMMITS)
        rule = await workflow.execute_local_activity_method(
            IdentityActivities.environment_rule, args=[input.environment, _opening(input)], **options.LOCAL
        )
        if refused := registration.refusal(rule):
            return refused
        nonce = str(workflow.uuid4())
        binding = ApprovalSubject(
            workflow.info().workflow_id, nonce, input.job, input.commit, input.digests, input.verdicts
        )
        if input.scope:
            binding = replace(
                binding,
                version=2,
                repository=input.repository,
                environment=input.environment,
                rule=rule.digest,
                scope=input.scope,
            )
        spec = approval.effective_policy(input.spec, rule)
        self._request = Request(
            spec=spec,
            binding=binding,
            people=await self._people(input) if from_commits else input.people,
            opened_at=workflow.time(),
            trust=rule.trust,
            must_users=rule.users,
            must_groups=rule.groups,
            proof=rule.proof,
            keys=rule.keys_asked(input.cluster),
        )
        self._show()
        workflow.upsert_memo({"expires_at": self._asked.expires_at, "nonce": nonce})
        return ""

    async def _people(self, input: ApprovalInput) -> ChangeAuthors:
        """Everybody who made what is approved, read from its commits."""
        people = await workflow.execute_local_activity_method(
            PeopleActivities.people_of_change, args=[input.people, input.environment], **options.FETCH
        )
        self._unowned = await self._of_nobody(people)
        return people

    async def _of_nobody(self, people: ChangeAuthors) -> tuple[str, ...]:
        """Addresses of the change that no identity owns by now."""
        if not people.asked:
            return ()
        return await workflow.execute_local_activity_method(PeopleActivities.unowned, people.addresses, **options.LOCAL)

    @property
    def _asked(self) -> Request:
        assert self._request is not None
        return self._request

    def _outcome(self) -> Outcome:
        return approval.outcome(self._asked, self._records, workflow.time())

    async def _remind(self) -> None:
        now_s = workflow.time() - self._asked.opened_at
        for at_s in [at for at in (0.0, *self._asked.spec.reminders_s) if at >= now_s or not self._input.opened]:
            await workflow.sleep(max(0.0, self._asked.opened_at + at_s - workflow.time()))
            kind = "approval-reminder" if at_s else "approval-asked"
            waiting = approval.explain(self._asked, self._records, workflow.time())
            notice = Notice(
                kind, workflow.info().workflow_id, f"{self._input.run} asks for {self._input.job}: {waiting}"
            )
            await workflow.execute_activity_method(NotifyActivities.notify, notice, **options.quick(kind))

    @workflow.signal(description="Approve: the JSON that `sluiceway decision sign RUN --approve` prints")
    def approve(self, raw: JsonValue = None) -> None:
        """Approves. `raw` is untrusted: an invalid decision is recorded with the rule that refuses it."""
        self._unread.append((raw, True))

    @workflow.signal(description="Reject: the JSON that `sluiceway decision sign RUN --reject` prints")
    def reject(self, raw: JsonValue = None) -> None:
        """Rejects; see `approve`."""
        self._unread.append((raw, False))

    async def _read_signals(self) -> None:
        """Refuses at once what no signature can save; the others are looked at until the history is long enough."""
        while self._unread or self._waiting:
            self._sort_signals()
            if self._waiting:
                await self._weigh(self._waiting.pop(0), "signal")
            if self._refuses_unseen and workflow.info().is_continue_as_new_suggested():
                self._sort_signals()
                break

    def _sort_signals(self) -> None:
        seen = len(self._records)
        unread, self._unread = self._unread, []
        for raw, approve in unread:
            decision = as_decision(raw if isinstance(raw, Mapping) else {}, approve=approve)
            if rule := self._refusal(decision):
                self._record(decision, rule, "signal")
            elif len(self._waiting) >= MAX_WAITING and self._refuses_unseen:
                self._record(decision, DecisionReason.CROWDED, "signal")
            else:
                self._waiting.append(decision)
        if len(self._records) != seen:
            self._show()

    def _refusal(self, decision: Decision) -> DecisionReason | None:
        if not self._refuses_unseen:
            return None
        return approval.refused_unseen(self._asked, decision, self._records, workflow.time())

    @workflow.update(description="Decide: a signed decision; answers at once whether it counts")
    async def decide(self, decision: Decision) -> DecideAnswer:
        """Whether the decision counts, by which rule, and the resulting state of the approval.

        Raises:
            ApplicationError: SLW872, the approver is missing.
        """
        await workflow.wait_condition(lambda: self._request is not None)
        rule = await self._weigh(decision, "update")
        return DecideAnswer(rule is DecisionReason.COUNTED, str(rule), str(self._outcome()), self._advice(rule))

    def _advice(self, rule: DecisionReason) -> str:
        if rule is DecisionReason.UNTOLD:
            return self._asked.people.unknown
        if rule is not DecisionReason.UNOWNED:
            return ""
        return "; ".join(f"sluiceway identity email add NAME {address}" for address in self._unowned[:SHOWN_ADDRESSES])

    @decide.validator
    def _can_be_decided(self, decision: Decision) -> None:
        if not decision.approver:
            raise ApplicationError(str(DecisionReason.MALFORMED), type="SLW872")

    async def _weigh(self, decision: Decision, source: str) -> DecisionReason:
        async with self._lock:  # verification yields, and two decisions must not both be the first
            checked = UNCHECKED
            rule = self._refusal(decision)
            if rule is None:
                checked = await self._look_at(decision)
                rule = approval.evaluate_decision(self._asked, decision, checked, self._records, workflow.time())
            self._record(decision, rule, source, checked)
            self._show()
            return rule

    async def _look_at(self, decision: Decision) -> VerifiedIdentity:
        """What is known of the approver and of the signature; the rule and earlier decisions are brought up to date."""
        may_count = bool(decision.signature) or self._asked.trust is Trust.OPEN
        if may_count:
            await self._look_at_rule()
        checked = UNCHECKED
        if decision.signature:
            checked = await workflow.execute_local_activity_method(
                IdentityActivities.check_decision, decision, **options.LOCAL
            )
        elif may_count and workflow.patched(UNSIGNED_ARE_TOLD):  # only the signer wants to know: it counts them itself
            await workflow.execute_local_activity_method(IdentityActivities.check_decision, decision, **options.LOCAL)
        if may_count:
            self._unowned = await self._of_nobody(self._asked.people)
        await self._recheck()
        return replace(checked, unowned=self._unowned)

    def _record(
        self, decision: Decision, rule: DecisionReason, source: str, checked: VerifiedIdentity = UNCHECKED
    ) -> None:
        if len(self._records) >= MAX_RECORDS and rule is not DecisionReason.COUNTED:
            return
        kept = untrusted.truncate_for_record(decision, rule)
        self._records += (DecisionRecord(kept, workflow.time(), rule, source, checked.groups, checked.roles),)

    async def _look_at_rule(self) -> None:
        """The environment's rule counts as it is now, and whoever signed under another one has to look again."""
        if self._asked.binding.version < 2 or self._outcome() is not Outcome.PENDING:
            return
        rule = await workflow.execute_local_activity_method(
            IdentityActivities.environment_rule, self._input.environment, **options.LOCAL
        )
        self._request, self._records = approval.under_rule(self._asked, self._input.spec, rule, self._records)

    async def _recheck(self) -> None:
        """Earlier decisions count by today's keys and groups: one that is void since then must not help to grant."""
        signed = [one for one in self._records if one.rule is DecisionReason.COUNTED and one.decision.signature]
        if not signed or self._outcome() is not Outcome.PENDING or not workflow.patched(COUNTED_AGAIN):
            return
        for record in signed:
            checked = await workflow.execute_local_activity_method(
                IdentityActivities.check_decision, record.decision, **options.LOCAL
            )
            again = approval.recheck(self._asked, record, replace(checked, unowned=self._unowned))
            self._records = tuple(again if one is record else one for one in self._records)

    @workflow.query(description="The request: the JSON to sign, and the decisions so far")
    def request(self) -> ApprovalView:
        """What approvers see before they sign; all decisions so far, uncounted ones included."""
        return ApprovalView(
            self._asked.binding,
            self._asked.expires_at,
            approval.explain(self._asked, self._records, workflow.time()),
            str(self._outcome()),
            self._records,
            self._asked.spec.message,
            people=self._asked.people,
            unowned=self._unowned,
        )

    def _show(self) -> None:
        status = self._outcome()
        waits = approval.missing(self._asked.spec, [r for r in self._records if r.rule is DecisionReason.COUNTED])
        since, now = workflow.info().start_time, workflow.time()
        workflow.set_current_details(details(self._input, self._asked, self._records, since, now))
        if status is Outcome.PENDING and not self._records:
            workflow.upsert_search_attributes(
                [attributes.STATUS.value_set("waiting"), attributes.WAITING_FOR.value_set(f"approval: {waits}"[:200])]
            )
        elif status is not Outcome.PENDING:
            workflow.upsert_search_attributes(
                [attributes.STATUS.value_set(str(status)), attributes.WAITING_FOR.value_unset()]
            )


def _opening(input: ApprovalInput) -> Opening:
    """What the rule is asked about, now."""
    return Opening(
        run=input.run,
        job=input.job,
        pipeline=input.pipeline,
        environment=input.environment,
        commit=input.commit,
        cluster=input.cluster,
        spec=input.spec,
        at=workflow.time(),
    )
