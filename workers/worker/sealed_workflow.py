"""A workflow that hears only what its own installation has sealed, and seals all that it says.

It stands around the SDK's instance and sees the whole activation and its whole answer, with every kind and name. What
it refuses depends on the history and the keys only, so a replay refuses the same.
"""

from __future__ import annotations

import json
from collections.abc import MutableMapping, Sequence

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import (
    DoUpdate,
    InitializeWorkflow,
    QueryWorkflow,
    ResolveActivity,
    ResolveChildWorkflowExecution,
    SignalWorkflow,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance
from temporalio.workflow import Info

from domain.authority.seals import BY_HAND, BY_SCHEDULES, CODE, WINDOW_MS, Kind, Message, scheduled_base, stale
from workers.core import sealed_payloads as on_wire
from workers.core.keyring import Keyring
from workers.worker.refusals import Tell
from workers.worker.sealed_commands import SEEN, SealedCommands, details_of

_Headers = MutableMapping[str, Payload]


class SealedWorkflow:
    """What an execution may be told. One for each cached execution."""

    def __init__(self, inner: WorkflowInstance, info: Info, ring: Keyring, tell: Tell) -> None:
        self._inner, self._info, self._ring, self._tell = inner, info, ring, tell
        self._said = SealedCommands(ring, info)
        self._seen: dict[str, int] = {}
        """Nonce of a signal or update to the time of its seal."""
        self._refused = ""
        self._started_ms = 0
        self._older = False
        self._replaying = False

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """As the SDK's instance, without what is refused."""
        at_ms = act.timestamp.ToMilliseconds()
        self._replaying = act.is_replaying
        self._older = self._ring.is_older(act.run_id, at_ms)
        answers = WorkflowActivationCompletion(run_id=act.run_id)
        answers.successful.SetInParent()
        kept = [job for job in act.jobs if not self._refuses(job, answers)]
        if self._refused:
            return self._ended(act, answers)
        if len(kept) != len(act.jobs):
            copies = [WorkflowActivationJob.FromString(job.SerializeToString()) for job in kept]
            del act.jobs[:]
            act.jobs.extend(copies)
        if not act.jobs:
            return answers
        completion = self._inner.activate(act)
        if completion.HasField("successful"):
            self._said.seal(completion.successful.commands, at_ms, self._carried(at_ms))
            completion.successful.commands.extend(answers.successful.commands)
        elif completion.HasField("failed"):
            self._said.failed(completion.failed.failure)
        return completion

    def _ended(self, act: WorkflowActivation, answers: WorkflowActivationCompletion) -> WorkflowActivationCompletion:
        """Of an execution that somebody else began: it fails at its first task, and answers no query."""
        if any(job.HasField("initialize_workflow") for job in act.jobs):
            failed = answers.successful.commands.add().fail_workflow_execution.failure
            _fill(failed, f"somebody else started it: {self._refused}")
        return answers

    def _refuses(self, job: WorkflowActivationJob, answers: WorkflowActivationCompletion) -> bool:
        match job.WhichOneof("variant"):
            case "initialize_workflow":
                self._refused = self._of_start(job.initialize_workflow)
                return bool(self._refused)
            case "signal_workflow":
                return self._refuses_signal(job.signal_workflow)
            case "do_update":
                return self._refuses_update(job.do_update, answers)
            case "query_workflow":
                return self._refuses_query(job.query_workflow, answers)
            case "resolve_activity":
                self._check_activity(job.resolve_activity)
            case "resolve_child_workflow_execution_start":
                begun = job.resolve_child_workflow_execution_start
                self._said.child_began(begun.seq, begun.succeeded.run_id)
            case "resolve_child_workflow_execution":
                self._check_child(job.resolve_child_workflow_execution)
        return False

    def _of_start(self, init: InitializeWorkflow) -> str:
        """Why the execution is not one of ours; empty: it is."""
        if init.continued_from_execution_run_id:
            message = self._message(Kind.CONTINUED, init.workflow_type, run_id=init.continued_from_execution_run_id)
        else:
            message = self._message(Kind.START, init.workflow_type)
        why = self._why(message, init.arguments, init.headers)
        started_ms = init.start_time.ToMilliseconds()
        if not why and message.kind is Kind.START:
            seal = on_wire.found(init.arguments, init.headers)[0]
            if seal and self._ring.ages and (stale(seal, started_ms) or seal.at_ms > started_ms + WINDOW_MS):
                why = "it was sealed for another time"
            elif seal and not self._ring.starts.first(seal.nonce, self._info.original_execution_run_id):
                why = "it began another execution"
        base = scheduled_base(init.workflow_id) if init.workflow_type in BY_SCHEDULES else ""
        if why and base:
            message = self._message(Kind.SCHEDULED, init.workflow_type, workflow_id=base)
            why = self._why(message, init.arguments, init.headers)
        if why and not self._older:
            self._told(Kind.START, init.workflow_type, why, init.identity)
            return why
        self._started_ms = started_ms
        self._take_seen(init.headers, init.continued_from_execution_run_id)
        return ""

    def _refuses_signal(self, signal: SignalWorkflow) -> bool:
        message = self._message(Kind.SIGNAL, signal.signal_name)
        why = self._why_now(message, signal.input, signal.headers)
        if why:
            self._told(Kind.SIGNAL, signal.signal_name, why, signal.identity)
        return bool(why)

    def _refuses_update(self, update: DoUpdate, answers: WorkflowActivationCompletion) -> bool:
        message = self._message(Kind.UPDATE, update.name, id=update.id)
        why = self._why_now(message, update.input, update.headers)
        if why:
            self._told(Kind.UPDATE, update.name, why, update.meta.identity)
            response = answers.successful.commands.add().update_response
            response.protocol_instance_id = update.protocol_instance_id
            _fill(response.rejected, f"the update {update.name} is not from this engine: {why}")
        else:
            self._said.asked(update.protocol_instance_id, update.name)
        return bool(why)

    def _refuses_query(self, query: QueryWorkflow, answers: WorkflowActivationCompletion) -> bool:
        """Without arguments anybody may ask: the server shows the same to whoever reaches it."""
        message = self._message(Kind.QUERY, query.query_type)
        why = self._refused or (query.arguments and self._why(message, query.arguments, query.headers))
        if why:
            result = answers.successful.commands.add().respond_to_query
            result.query_id = query.query_id
            _fill(result.failed, f"the query {query.query_type} is not from this engine: {why}")
        else:
            self._said.queried(query.query_id, query.query_type)
        return bool(why)

    def _check_activity(self, resolved: ResolveActivity) -> None:
        """Turns a result that is not of our worker into a failure."""
        name, id_ = self._said.activity(resolved.seq)
        result = resolved.result
        if result.HasField("completed"):
            run_id = self._run_of(result.completed.result)
            message = self._message(Kind.ACTIVITY_RESULT, name, run_id=run_id, id=id_)
            if why := self._why(message, [result.completed.result], {}):
                self._told(Kind.ACTIVITY_RESULT, name, why, "")
                _fill(result.failed.failure, f"the result of {name} is not from this engine: {why}")
        elif result.HasField("failed"):
            self._keep_ours(result.failed.failure, self._message(Kind.NOTE, name, id=id_))

    def _run_of(self, result: Payload) -> str:
        """The execution that a result is for: this one, or the one that was reset to begin this one."""
        seal, original = on_wire.seal_of(result), self._info.original_execution_run_id
        return original if seal and seal.run_id == original else self._info.run_id

    def _check_child(self, resolved: ResolveChildWorkflowExecution) -> None:
        """As `_check_activity`; what ended badly has its result in the details of its failure."""
        result, child = resolved.result, self._said.child(resolved.seq)
        if result.HasField("completed"):
            payloads = [result.completed.result] if result.completed.HasField("result") else []
            if why := self._why(child.message(Kind.RESULT), payloads, {}):
                self._told(Kind.RESULT, child.type, why, "")
                _fill(result.failed.failure, f"the result of {child.id} is not from this engine: {why}")
        elif result.HasField("failed"):
            self._keep_ours(result.failed.failure, child.message(Kind.FAILURE))

    def _keep_ours(self, failure: Failure, message: Message) -> None:
        """Removes what a stranger put into the details of a failure."""
        for details in details_of(failure):
            if details.payloads and (why := self._why(message, details.payloads, {})):
                self._told(message.kind, message.name, why, "")
                del details.payloads[:]

    def _why_now(self, message: Message, payloads: Sequence[Payload], headers: _Headers) -> str:
        """As `_why`, for what must not come twice."""
        if (self._info.workflow_type, message.kind, message.name) in BY_HAND:
            return ""
        if why := self._why(message, payloads, headers):
            return why
        seal = (on_wire.found(payloads, headers) or [None])[0]
        if seal is None:
            return ""  # told to an execution from before the first key
        if seal.nonce in self._seen:
            return "it was sent before"
        if self._ring.ages and stale(seal, self._started_ms):
            return "it was sent to an earlier execution"
        self._seen[seal.nonce] = seal.at_ms
        return ""

    def _why(self, message: Message, payloads: Sequence[Payload], headers: _Headers) -> str:
        why = on_wire.refusal(self._ring, message, payloads, headers)
        return "" if self._older else why

    def _message(self, kind: Kind, name: str, *, workflow_id: str = "", run_id: str = "", id: str = "") -> Message:
        id_ = workflow_id or self._info.workflow_id
        return Message(
            kind=kind, name=name, workflow_id=id_, namespace=self._info.namespace, run_id=run_id, id=id
        )  # fmt: skip

    def _take_seen(self, headers: _Headers, earlier: str) -> None:
        if not earlier or SEEN not in headers:
            return
        message = self._message(Kind.SEEN, self._info.workflow_type, run_id=earlier)
        if not on_wire.refusal(self._ring, message, [headers[SEEN]], {}):
            self._seen.update(json.loads(headers[SEEN].data))

    def _carried(self, at_ms: int) -> dict[str, int]:
        """The nonces that the next execution has to know: all others are too old for it."""
        return {nonce: at for nonce, at in self._seen.items() if at >= at_ms - WINDOW_MS}

    def _told(self, kind: Kind, name: str, why: str, identity: str) -> None:
        if not self._replaying:
            self._tell(kind, name, self._info.workflow_id, why, identity)


def _fill(failure: Failure, words: str) -> None:
    failure.message = f"{CODE}: {words}"
    failure.application_failure_info.type = CODE
    failure.application_failure_info.non_retryable = True
