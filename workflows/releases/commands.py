"""What people may tell a release at every moment: updates, which are answered, and signals for the Temporal UI."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.releases.commands import Standing, Verb, refusal


class Steered:
    """The handlers of a workflow that is steered, and what was said. It waits for `_steered` to change."""

    def __init__(self) -> None:
        self._abort = ""
        self._paused = self._promoted = False
        self._steered = 0

    def _standing(self) -> Standing:
        raise NotImplementedError

    def _tell(self, what: str, why: str = "") -> None:
        raise NotImplementedError

    def _steer(self, verb: Verb, reason: str) -> str:
        refused = refusal(verb, self._standing())
        if refused:
            raise ApplicationError(f"{verb}: {refused}", type="SLW883", non_retryable=True)
        words = f"{verb}: {reason}" if reason else str(verb)
        match verb:
            case Verb.PAUSE | Verb.RESUME:
                self._paused = verb is Verb.PAUSE
            case Verb.PROMOTE:
                self._promoted, self._paused = True, False
            case Verb.ABORT | Verb.ROLLBACK:
                self._abort = self._abort or reason or ("rolled back by hand" if verb is Verb.ROLLBACK else "aborted")
        self._disturb()
        self._tell(f"{verb} by hand", reason)
        return self._abort or words

    def _by_signal(self, verb: Verb, reason: Any) -> None:
        """A signal cannot be answered: a refusal is written where whoever sent it looks."""
        try:
            self._steer(verb, str(reason or "by signal"))
        except ApplicationError as refused:
            self._tell("refused", refused.message)

    def _disturb(self) -> None:
        self._steered += 1

    @workflow.update(description="Stop this release and bring the version before back")
    def abort(self, reason: str = "") -> str:
        return self._steer(Verb.ABORT, reason)

    @workflow.update(description="Bring the version before back")
    def rollback(self, reason: str = "") -> str:
        return self._steer(Verb.ROLLBACK, reason)

    @workflow.update(description="Go on judging, and do not go on to the next step")
    def pause(self, reason: str = "") -> str:
        return self._steer(Verb.PAUSE, reason)

    @workflow.update(description="Go on after a pause")
    def resume(self, reason: str = "") -> str:
        return self._steer(Verb.RESUME, reason)

    @workflow.update(description="Skip the watching that is left; approvals are still asked")
    def promote(self, reason: str = "") -> str:
        return self._steer(Verb.PROMOTE, reason)

    @workflow.signal(name="abort", description="Stop this release and bring the version before back")
    def abort_by_signal(self, reason: Any = None) -> None:
        self._by_signal(Verb.ABORT, reason)

    @workflow.signal(name="rollback", description="Bring the version before back")
    def rollback_by_signal(self, reason: Any = None) -> None:
        self._by_signal(Verb.ROLLBACK, reason)

    @workflow.signal(name="pause", description="Go on judging, and do not go on to the next step")
    def pause_by_signal(self, reason: Any = None) -> None:
        self._by_signal(Verb.PAUSE, reason)

    @workflow.signal(name="resume", description="Go on after a pause")
    def resume_by_signal(self, reason: Any = None) -> None:
        self._by_signal(Verb.RESUME, reason)

    @workflow.signal(name="promote", description="Skip the watching that is left; approvals are still asked")
    def promote_by_signal(self, reason: Any = None) -> None:
        self._by_signal(Verb.PROMOTE, reason)
