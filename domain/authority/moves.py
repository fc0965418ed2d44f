"""Which claims take a release forward, by what was permitted before: they need an open window, going back never does.

Nobody is believed about where a release stands: only what was permitted counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.authority.permit import Claim
from domain.core.documents import Node
from domain.releases.actions import ActionKind

GRACE_S = 600.0
"""A step that began in an open window may end after it: its activity may have been tried again meanwhile."""
_MOVES = (ActionKind.SHIFT, ActionKind.ROUTE)


@dataclass
class Moves:
    """What was started, stopped and moved. `apply` is all that changes it."""

    started: set[str] = field(default_factory=set)
    """`ENVIRONMENT/SERVICE/INSTANCE` of all that a start was permitted for."""
    last: dict[str, tuple[str, int]] = field(default_factory=dict)
    """`ENVIRONMENT/SERVICE` to the version whose share was set last, and to the share."""
    live: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """`ENVIRONMENT/SERVICE` to the version that got all traffic last, with the run and the job of its release."""
    replacing: set[tuple[str, str, int, str]] = field(default_factory=set)
    """Run, job, attempt and `ENVIRONMENT/SERVICE` of releases that have stopped the live version: they must go on."""

    def apply(self, said: Node) -> None:
        """Remembers a permit of a deployment, as its entry in the log has it."""
        subject, action = said["subject"].text(), said["action"].text()
        here, run, job = subject.rpartition("/")[0], said["run"].text(), said["job"].text()
        if action == ActionKind.STOP and self._stops_live(subject, run, job):
            self.replacing.add((run, job, said["attempt"].whole(1), here))
        if action == ActionKind.START:
            self.started.add(subject)
        if action in _MOVES:
            self.last[here] = subject, said["share"].whole()
        if action == ActionKind.ROUTE:
            self.live[here] = subject, run, job

    def forward(self, claim: Claim) -> bool:
        """Whether it starts a version, raises a share, or stops the live version for another one.

        What a release does of its own version's end, and all that comes after it has stopped another one, is none.
        """
        here = claim.subject.rpartition("/")[0]
        if (claim.run, claim.job, claim.attempt, here) in self.replacing:
            return False
        if claim.action == ActionKind.START:
            return claim.subject not in self.started
        if claim.action in _MOVES:
            subject, share = self.last.get(here, ("", 0))
            return claim.share > (share if subject == claim.subject else 0)
        return claim.action == ActionKind.STOP and self._stops_live(claim.subject, claim.run, claim.job)

    def _stops_live(self, subject: str, run: str, job: str) -> bool:
        """For another one; by hand there is no release to hold."""
        known, *whose = self.live.get(subject.rpartition("/")[0], ("", "", ""))
        return run.startswith("run/") and known == subject and whose != [run, job]
