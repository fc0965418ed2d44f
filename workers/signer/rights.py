"""The rights of whoever started a run, read from the records at the moment of an effect."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from activities.access.decider import Decider
from activities.access.person_store import PersonStore
from activities.access.told_rights import ToldRights
from activities.storage.database import Database
from domain.access.attributes import Change
from domain.access.audit import AuditKind, AuditOutcome, Recorder, event_of
from domain.access.labels import Label
from domain.access.principal import OWNER, Caller, Principal, PrincipalKind
from domain.access.verdict import Layer, Verdict
from domain.authority.initiators import EffectQuestion, objections
from domain.authority.rights import RememberedRights
from domain.core.errors import SluicewayError
from domain.policy.policy import PolicyFor, Push


class RunRights:
    """Keeps nothing between two effects."""

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        clock: Callable[[], float] = time.time,
        policies: Callable[[Push], PolicyFor] = PolicyFor,
        known: RememberedRights | None = None,
    ) -> None:
        """`policies` of a push, and what is `known` of rights: as the signer remembers them."""
        self._known = RememberedRights() if known is None else known
        self._database, self._recorder, self._clock = database, recorder, clock
        self._policies = policies
        self._rights, self._people = ToldRights(database, self._known), PersonStore(database)
        self._decider = Decider(self._rights, clock=clock)

    def verdict(self, asked: EffectQuestion) -> Verdict | None:
        """None: nobody has rights here, and no policy of pushes stands against it.

        A refusal is recorded before it is told.

        Raises:
            SluicewayError: SLW486, the rights cannot be read; SLW480, the refusal cannot be recorded.
        """
        try:
            verdict = self._decided(asked)
        except SQLAlchemyError as broken:
            raise _unread(broken) from broken
        if verdict is not None and not verdict.allowed:
            self._refused(asked, verdict)
        return verdict

    def groups(self, person: str) -> tuple[str, ...]:
        """Of `person:NAME`; of somebody who is gone or locked out, none.

        Raises:
            SluicewayError: SLW486, they cannot be read.
        """
        try:
            who = self._current(Principal(kind=PrincipalKind.PERSON, name=person.partition(":")[2]))
        except SQLAlchemyError as broken:
            raise _unread(broken) from broken
        return who.groups if who else ()

    def _decided(self, asked: EffectQuestion) -> Verdict | None:
        said = objections(asked, self._policies(asked.push)) if asked.push else ()
        shared = self._known.shared or asked.served  # else the home has one owner, and its pushes and keys are theirs
        if not shared and not said:
            return None
        who = self._current(asked.initiator) if shared else OWNER
        if who is None:
            return _nobody(asked, self._clock())
        confirmed = self._clock() if asked.confirmed else 0
        caller = Caller(principal=who, channel="effect", request=asked.run.name, second_factor_at=confirmed)
        run = self._rights.of(caller, [asked.run], self._clock()).resources[0]
        source = Label(level=run.level, compartments=frozenset(run.compartments), integrity=run.integrity)
        change = Change(source=source, objections=said)
        verdict = self._decider.decide(caller, asked.action, asked.resource, change)
        self._decider.remember(caller, asked.action, asked.resource, verdict, change)
        return verdict

    def _current(self, who: Principal) -> Principal | None:
        """With the groups and attributes of now. None: a person who is gone, or locked out."""
        if who.kind is not PrincipalKind.PERSON:
            return who
        known = self._people.get(who.name)
        return None if known is None or known.disabled else known.principal()

    def _refused(self, asked: EffectQuestion, verdict: Verdict) -> None:
        caller = Caller(principal=asked.initiator, channel="effect", request=asked.run.name)
        event = event_of(
            caller,
            AuditKind.DECISION,
            AuditOutcome.DENIED,
            action=verdict.action,
            resource=verdict.resource,
            rule=verdict.rule,
            policy_digest=verdict.policy_digest,
            details={"run": asked.run.name, "job": asked.job},
        )
        self._recorder.record(event)


def _unread(broken: SQLAlchemyError) -> SluicewayError:
    why = f"{type(broken).__name__}: {str(broken)[:300]}"
    return SluicewayError("SLW486", "the rights cannot be read", why=why, transient=True)


def _nobody(asked: EffectQuestion, now: float) -> Verdict:
    return Verdict(
        allowed=False,
        action=asked.action,
        principal=asked.initiator.id,
        resource=asked.resource.id,
        layer=Layer.DEFAULT,
        rule="people/disabled",
        reason="whoever started the run is no registered person any more, or is locked out",
        at=now,
    )
