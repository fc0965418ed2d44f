"""The authority: what the signer is told and asked, what it answers, and that each answer is in its log first.

It runs in the signer's process, behind a socket; in tests and rehearsals it runs in theirs.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from activities.authority import enrolling, entering, ordering, statements
from activities.authority.effects import Effects
from activities.authority.enrolling import Nothing, Waiting
from activities.authority.known import Registry
from activities.authority.log import Log
from activities.authority.plans import NeededError, Plans
from activities.authority.port import Signer
from activities.authority.wire import PROVEN, Answer, Operation, Question, claim_of, growth_of
from activities.core import serialization as serial
from domain.access.checkpoint import TreeHead, note_of, origin_of, why_not
from domain.approvals.request import Decision, VerifiedIdentity
from domain.approvals.untrusted import as_decision
from domain.authority.ledger import Ledger, planned_run
from domain.authority.permit import LIFE_S, Permit, Right, permit_text, plain
from domain.authority.registrations import Register
from domain.authority.rulings import no_plan
from domain.core import ids
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError

MOST_CLAIMED = 200
"""Unsigned decisions of one approval that are remembered."""


class Keys(Protocol):
    """The signer's own keys."""

    attestations: Signer

    def sign(self, data: bytes) -> bytes:
        """An ed25519 signature (RFC 8032) by the key of permits."""
        ...

    def public(self) -> bytes:
        """The 32 bytes of that key's public half."""
        ...


@dataclass(frozen=True)
class _Decided:
    """What goes into the log, and the answer once it is there."""

    kind: str
    entry: Manifest
    answer: Callable[[int], Object] = lambda number: {}


class Authority:
    """Answers one question at a time; the disk is waited for together."""

    def __init__(
        self,
        log: Log,
        keys: Keys,
        registry: Registry,
        clock: Callable[[], float] = time.time,
        upgrade: Callable[[], Object] = dict,
        register: Register | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        """`upgrade`: what was under way when this home got its signer; written once, into an empty log. `register`:
        filled here, for the registry to read. `waiting`: what was said by hand while no signer answered.

        Raises:
            SluicewayError: SLW018, the log's chain is broken.
        """
        self._log, self._keys, self._registry, self._clock = log, keys, registry, clock
        self._ledger, self._plans, self._lock = Ledger(), Plans(), threading.Lock()
        self._ledger.register = register = Register() if register is None else register
        self._register, self._waiting = register, waiting or Nothing()
        empty = True
        for entry in log.entries():
            self._ledger.apply(entry.kind, entry.body, entry.at)
            empty = False
        if missing := _unlisted(self._ledger, empty=empty):
            before: Manifest = {"clusters": (), "registrations": (), "policies": (), "rights": (), **upgrade()}
            told = before if empty else {name: before[name] for name in missing}
            self._log.settle(self._remember("upgrade", told))
        self._effects = Effects(self._ledger, self._plans, registry)
        self._home = origin_of(keys.public())

    def answer_server(self, line: bytes) -> bytes:
        """Like `answer`, for a server of pages: it is believed nothing, and gets no permits."""
        return self.answer(line, by_hand=False)

    def answer(self, line: bytes, *, by_hand: bool = True) -> bytes:
        """One line for one line. A refusal is an answer, and in the log. `by_hand`: who asks is in the home."""
        try:
            question = Question.read(line)
        except ValueError as broken:
            return Answer(
                refused=RefusedError("SLW019", "this is no question to the signer", why=str(broken)[:200])
            ).line()
        try:
            return Answer(self._answer(question, by_hand=by_hand)).line()
        except NeededError as needed:
            return Answer(need=needed.digests).line()
        except SluicewayError as refused:
            return self._refused(question, refused).line()
        except ValueError as broken:
            wrong = RefusedError("SLW019", "the question cannot be read", why=str(broken)[:200])
            return self._refused(question, wrong).line()

    def _answer(self, question: Question, *, by_hand: bool) -> Object:
        if not by_hand and question.operation not in PROVEN:
            raise RefusedError("SLW019", f"a server may not ask the signer for this: {question.operation}")
        if question.operation is Operation.KEYS:
            return self._public_keys()
        self._take_waiting()
        with self._lock:
            decided = self._decided(question, by_hand=by_hand)
            if decided is None:
                return {}
            number = self._remember(decided.kind, decided.entry) if decided.kind else 0
        self._log.settle(number)
        return decided.answer(number)

    def _take_waiting(self) -> None:
        if not self._waiting.some():
            return
        with self._lock:
            number = 0
            now = self._clock()
            for said in self._waiting.take():
                try:
                    entry = self._admitted(said.plain(), now, by_hand=True)
                except RefusedError as refused:
                    number = self._log.append("refusal", {"code": refused.code, "why": refused.why[:500]}).number
                else:
                    number = self._remember("registration", entry)
            self._log.settle(number)
            self._waiting.done()

    def _decided(self, question: Question, *, by_hand: bool) -> _Decided | None:
        match question.operation:
            case Operation.REGISTER:
                return _Decided("registration", self._admitted(question.body, self._clock(), by_hand=by_hand))
            case Operation.PERSON:
                known = enrolling.known(self._register, Node(question.body)["name"].text())
                return _Decided("", {}, lambda _: known)
            case Operation.RULE:
                rule = serial.dump_plain(self._registry.rule(Node(question.body)["environment"].text()))
                return _Decided("", {}, lambda _: Node(rule).object())
            case Operation.RIGHTS:
                others = self._registry.differences()
                return _Decided("", {}, lambda _: {"differences": others})
            case Operation.POLICIES:
                return _Decided("", {}, lambda _: dict(self._register.policies))
            case Operation.PLAN:
                return self._plan(question)
            case Operation.BEGIN:
                return self._begin(Node(question.body))
            case Operation.END:
                return self._end(Node(question.body)["run"].text())
            case Operation.DECISION:
                return self._decision(question.body)
            case Operation.ORDER:
                return _Decided("order", self._order(question.body, by_hand=by_hand))
            case Operation.PERMIT:
                return self._permit(question)
            case Operation.CHECKPOINT:
                return self._checkpoint(question.body)
            case Operation.ENTER:
                entered = entering.entered(self._registry.verdict, question.body, by_hand=by_hand)
                return _Decided("entry", entered, lambda number: {"entry": number})
            case _:
                return self._attest(question.body)

    def _admitted(self, body: Object, now: float, *, by_hand: bool) -> Manifest:
        return enrolling.admitted(self._register, self._registry, body, now, by_hand=by_hand, home=self._home)

    def _remember(self, kind: str, body: Manifest) -> int:
        entry = self._log.append(kind, body)
        self._ledger.apply(kind, body, entry.at)
        return entry.number

    def _refused(self, question: Question, refused: SluicewayError) -> Answer:
        """A refusal must not fail because it cannot be written."""
        said = Node(question.body)
        names = ("effect", "subject", "run", "job", "action", "pipeline", "plan")
        body: Manifest = {name: said[name].text()[:500] for name in names if said[name]}
        body |= {
            "operation": question.operation,
            "code": refused.code,
            "what": refused.what[:500],
            "why": refused.why[:500],
        }
        try:
            with self._lock:
                number = self._log.append("refusal", body).number
            self._log.settle(number)
        except (SluicewayError, OSError) as broken:
            return Answer(refused=SluicewayError("SLW018", "the signer's log cannot be used", why=str(broken)))
        return Answer(refused=refused)

    # -- what it is told --------------------------------------------------------------------------------------------

    def _plan(self, question: Question) -> _Decided | None:
        made = planned_run(Node(question.body))
        self._plans.jobs(made.plan, question.blobs)
        if made.run in self._ledger.runs or (made.delivery and made.delivery in self._ledger.deliveries):
            return None
        return _Decided("plan", dict(Node(serial.dump_plain(made)).object()))

    def _begin(self, said: Node) -> _Decided | None:
        run, pipeline, plan = said["run"].text(), said["pipeline"].text(), said["plan"].text()
        known = self._ledger.runs.get(run)
        if known is not None:
            if known.plan != plan:
                raise RefusedError("SLW011", f"{run} has begun with another plan")
            return None
        name, _, attempt = ids.split_run(run)
        found = self._ledger.find(run, pipeline, plan, said["commit"].text())
        if found is None or name != pipeline or (attempt > 1) != bool(found.run):
            raise no_plan(run)
        entry: Manifest = {"run": run, "plan": plan, "delivery": found.delivery, "earlier": said["earlier"].text()}
        return _Decided("begin", entry)

    def _end(self, run: str) -> _Decided | None:
        known = run in self._ledger.runs and run not in self._ledger.ended
        return _Decided("end", {"run": run}) if known else None

    def _decision(self, body: Object) -> _Decided | None:
        decision = as_decision(body)
        known = self._registry.identity(decision)
        told = Node(serial.dump_plain(known)).object()
        entry = self._of_person(decision, known) if decision.signature else self._claimed(decision)
        return replace(entry or _Decided("", {}), answer=lambda _: told)

    def _of_person(self, decision: Decision, known: VerifiedIdentity) -> _Decided | None:
        if decision.signature in self._ledger.signed or not known.signature_valid:
            return None
        if self._clock() >= decision.expires_at:
            return None
        rule = self._registry.rule(decision.binding.environment)
        if rule.digest != decision.binding.rule:  # signed under another rule, or for another installation
            return None
        return _Decided(
            "decision", {**Node(serial.dump_plain(decision)).object(), "rule_then": serial.dump_plain(rule)}
        )

    def _claimed(self, decision: Decision) -> _Decided | None:
        """An unsigned decision: it counts only where the environment says `trust: open`."""
        said = self._ledger.claimed.get(decision.binding.workflow_id, [])
        again = any((one.approver, one.approve) == (decision.approver, decision.approve) for one in said)
        if again or len(said) >= MOST_CLAIMED or not (decision.approver and decision.binding.workflow_id):
            return None
        return _Decided("claimed", dict(Node(serial.dump_plain(decision)).object()))

    def _order(self, body: Object, *, by_hand: bool) -> Manifest:
        if by_hand:
            return ordering.by_hand(self._ledger.clusters, body)
        now = self._clock()
        return ordering.through_server(self._register, self._registry, self._ledger.clusters, body, now, self._home)

    # -- what it is asked -------------------------------------------------------------------------------------------

    def _permit(self, question: Question) -> _Decided:
        claim = claim_of(question.body)
        now = int(self._clock())
        found, right = self._effects.permit(claim, question.blobs, now)
        permit = replace(found, made_at=now, expires_at=now + LIFE_S)
        return _Decided("permit", plain(permit), lambda number: self._signed(replace(permit, entry=number), right))

    def _signed(self, permit: Permit, right: Right) -> Object:
        """What the right says is not signed: an effect is permitted or not."""
        signature = base64.b64encode(self._keys.sign(permit_text(permit))).decode()
        return {**plain(permit), "signature": signature, "right": vars(right)}

    def _attest(self, body: Object) -> _Decided:
        """Signs what it can read and knows the type of; a gate's verdict is remembered."""
        data = base64.b64decode(Node(body)["data"].text(), validate=True)
        said = statements.read(data)
        signature = base64.b64encode(self._keys.attestations.sign(data)).decode()
        return _Decided(said.kind, said.entry, lambda number: {"signature": signature})

    def _checkpoint(self, body: Object) -> _Decided:
        """Signs the audit's head where it holds all that was signed before: a rewritten log gets no checkpoint.

        Whoever does not know the last one is told it: another process had it signed meanwhile.
        """
        if not body or Node(body)["old"].whole() < self._ledger.checkpoint[0]:
            return _Decided("", {}, self._checkpointed)
        asked = growth_of(body)
        if why := why_not(*self._ledger.checkpoint, asked):
            raise RefusedError("SLW482", "this is not the log that was signed before", why=why)
        entry: Manifest = {"size": asked.size, "root": base64.b64encode(asked.root).decode()}
        return _Decided("checkpoint", entry, self._checkpointed)

    def _checkpointed(self, number: int) -> Object:
        """The last head that was signed, as a note; ed25519 gives the same one each time."""
        size, root = self._ledger.checkpoint
        public = self._keys.public()
        head = TreeHead(origin_of(public), size, root)
        return {"note": note_of(head, public, self._keys.sign(head.text().encode())) if size else "", "size": size}

    def _public_keys(self) -> Object:
        keys = {"permits": self._keys.public(), "attestations": self._keys.attestations.public_key()}
        return {name: base64.b64encode(key).decode() for name, key in keys.items()}


def _unlisted(ledger: Ledger, *, empty: bool) -> list[str]:
    """What of an earlier version is not in the log yet."""
    listed = {"clusters": ledger.knows_clusters, "registrations": ledger.knows_people}
    listed |= {"policies": ledger.knows_policies, "rights": ledger.knows_rights}
    return [name for name, known in listed.items() if empty or not known]
