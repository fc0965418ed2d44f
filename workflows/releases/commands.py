"""Commands to a release, accepted at any time: updates with an answer, and signals without one. Both need a seal."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.releases.actions import ReleaseVerdict
from domain.releases.commands import CommandKind, ReleaseState, refusal
from workflows.releases.messages import ApprovalGiven


@dataclass
class Given:
    """The commands received so far."""

    abort: str = ""
    """Why to roll back; empty: continue."""
    closed: bool = False
    """Whether the windows say `abort`, and no person."""
    proved: frozenset[float] = frozenset()
    """Weights in percent that all clusters of the release have proven together (domain/releases/judge/pooled.py)."""
    let: str = ""
    """What the release of several services lets this one through (domain/releases/together/lockstep.py)."""
    override: str = ""
    """Why it should pass its windows, until people were asked; empty: nobody wants that."""
    answers: dict[str, ApprovalGiven] = field(default_factory=dict)
    """Step to what people said about it, of a part of a release over many clusters."""
    paused: bool = False
    promoted: bool = False
    count: int = 0
    """Increases with every command that must end a wait."""

    @property
    def verdict(self) -> ReleaseVerdict:
        """How a release ends that goes back now."""
        return ReleaseVerdict.ABORTED if self.abort and not self.closed else ReleaseVerdict.ROLLED_BACK


class Commands:
    """The handlers of a workflow that takes commands."""

    def __init__(self) -> None:
        self._given = Given()

    def _standing(self) -> ReleaseState:
        raise NotImplementedError

    def _tell(self, what: str, why: str = "") -> None:
        raise NotImplementedError

    def _steer(self, verb: CommandKind, reason: str) -> str:
        refused = refusal(verb, self._standing())
        if refused:
            raise ApplicationError(f"{verb}: {refused}", type="SLW883", non_retryable=True)
        words = f"{verb}: {reason}" if reason else str(verb)
        given = self._given
        match verb:
            case CommandKind.PAUSE | CommandKind.RESUME:
                given.paused = verb is CommandKind.PAUSE
            case CommandKind.PROMOTE:
                given.promoted, given.paused = True, False
            case CommandKind.OVERRIDE:
                given.override = reason or "no reason was given"
            case CommandKind.ABORT | CommandKind.ROLLBACK:
                given.abort = (
                    given.abort or reason or ("rolled back manually" if verb is CommandKind.ROLLBACK else "aborted")
                )
        self._disturb()
        self._tell(f"manual {verb}", reason)
        return given.abort or words

    def _by_signal(self, verb: CommandKind, reason: JsonValue) -> None:
        """A signal has no answer: a refusal is written to the release's events."""
        try:
            self._steer(verb, str(reason or "by signal"))
        except ApplicationError as refused:
            self._tell("refused", refused.message)

    def _disturb(self) -> None:
        self._given.count += 1

    @workflow.signal(description="Which weights all clusters together have proven")
    def proved(self, percents: list[float]) -> None:
        """All such weights, by the release over several clusters: enough for one that has not proven the next of its
        own alone by `max-dwell`.
        """
        self._given.proved = frozenset(percents)
        self._disturb()

    @workflow.signal(description="What people said about a step of the release to all clusters")
    def approval_given(self, given: ApprovalGiven) -> None:
        """Sent by the release over several clusters, to those of its parts that wait for it."""
        self._given.answers[given.name] = given
        self._disturb()

    @workflow.signal(description="One of several services may go on")
    def let(self, gate: str) -> None:
        """What it was let through, by the release of all of them."""
        self._given.let = gate
        self._disturb()

    @workflow.update(description="Stop this release and roll back to the previous version")
    def abort(self, reason: str = "") -> str:
        """Aborts the release, and answers with a sentence.

        Raises:
            ApplicationError: SLW883, the state does not allow it.
        """
        return self._steer(CommandKind.ABORT, reason)

    @workflow.update(description="Roll back to the previous version")
    def rollback(self, reason: str = "") -> str:
        """Like `abort`, with another default reason."""
        return self._steer(CommandKind.ROLLBACK, reason)

    @workflow.update(description="Freeze the weight; the version is still judged")
    def pause(self, reason: str = "") -> str:
        """Like `abort`; paused time does not count towards the deadline."""
        return self._steer(CommandKind.PAUSE, reason)

    @workflow.update(description="Resume after a pause")
    def resume(self, reason: str = "") -> str:
        """Like `abort`; the release continues by its policy."""
        return self._steer(CommandKind.RESUME, reason)

    @workflow.update(description="Skip the rest of the analysis, but not the approvals")
    def promote(self, reason: str = "") -> str:
        """Like `abort`; also ends a pause."""
        return self._steer(CommandKind.PROMOTE, reason)

    @workflow.update(description="Ask for the approval `override`, by which this release may pass its windows")
    def override(self, reason: str = "") -> str:
        """Like `abort`; the release goes on once those who may approve in its environment have signed that."""
        return self._steer(CommandKind.OVERRIDE, reason)

    @workflow.signal(name="abort", description="Stop this release and roll back to the previous version")
    def abort_by_signal(self, reason: JsonValue = None) -> None:
        """Without an answer: a refusal is written to the release's events."""
        self._by_signal(CommandKind.ABORT, reason)

    @workflow.signal(name="rollback", description="Roll back to the previous version")
    def rollback_by_signal(self, reason: JsonValue = None) -> None:
        """See `abort_by_signal`."""
        self._by_signal(CommandKind.ROLLBACK, reason)

    @workflow.signal(name="pause", description="Freeze the weight; the version is still judged")
    def pause_by_signal(self, reason: JsonValue = None) -> None:
        """See `abort_by_signal`."""
        self._by_signal(CommandKind.PAUSE, reason)

    @workflow.signal(name="resume", description="Resume after a pause")
    def resume_by_signal(self, reason: JsonValue = None) -> None:
        """See `abort_by_signal`."""
        self._by_signal(CommandKind.RESUME, reason)

    @workflow.signal(name="override", description="Ask for the approval `override`")
    def override_by_signal(self, reason: JsonValue = None) -> None:
        """See `abort_by_signal`."""
        self._by_signal(CommandKind.OVERRIDE, reason)

    @workflow.signal(name="promote", description="Skip the rest of the analysis, but not the approvals")
    def promote_by_signal(self, reason: JsonValue = None) -> None:
        """See `abort_by_signal`."""
        self._by_signal(CommandKind.PROMOTE, reason)
