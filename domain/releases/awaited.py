"""When somebody who waits for a release has what they wait for: another deployer, a hook of Argo CD, a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.releases.actions import ReleaseVerdict


class Goal(StrEnum):
    """What is waited for."""

    LIVE = "live"
    """The release has ended, its version is live, and no other one has become live since."""
    PROVEN = "proven"
    """As live; and evidence showed each step to be safe."""
    ENDED = "ended"
    """Nothing goes on, however it ended. Where there is no release, nothing does."""


class Answer(StrEnum):
    """What there is to say now."""

    REACHED = "reached"
    WAITING = "waiting"
    BACK = "back"
    """The previous version is live again."""
    MISSED = "missed"
    """It will not be reached any more."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A release to the service's environment, as a list shows it."""

    id: str
    number: int
    version: str
    verdict: str = ""
    reason: str = ""
    ended: bool = False


@dataclass(frozen=True)
class Awaited:
    """Which release is meant."""

    goal: Goal
    version: str = ""
    """Empty: any."""
    number: int = 0
    """0: the newest."""

    def chosen(self, listed: Sequence[Listed]) -> Listed | None:
        """The newest release that is meant; None: it has not begun."""
        meant = [
            one
            for one in listed
            if (not self.version or one.version == self.version) and (not self.number or one.number == self.number)
        ]
        return max(meant, key=lambda one: one.number, default=None)

    def answer(self, listed: Sequence[Listed], proven: bool = False) -> tuple[Answer, str]:
        """What to tell, and why. `proven`: whether evidence showed the chosen release's steps to be safe."""
        one = self.chosen(listed)
        if one is None:
            anyone = not self.version and not self.number
            if self.goal is Goal.ENDED and anyone:
                return Answer.REACHED, "there has been no release"
            return Answer.WAITING, "the release has not begun"
        if not one.ended:
            return Answer.WAITING, f"{one.id} is in progress"
        if self.goal is Goal.ENDED:
            return Answer.REACHED, f"{one.id} has ended: {one.verdict}"
        return self._lives(one, listed, proven)

    def _lives(self, one: Listed, listed: Sequence[Listed], proven: bool) -> tuple[Answer, str]:
        if one.verdict != ReleaseVerdict.LIVE:
            back = one.verdict in (ReleaseVerdict.ROLLED_BACK, ReleaseVerdict.ABORTED)
            return Answer.BACK if back else Answer.MISSED, f"{one.id} {one.verdict}: {one.reason}"
        since = [other for other in listed if other.number > one.number and other.verdict == ReleaseVerdict.LIVE]
        if since:
            newest = max(since, key=lambda other: other.number)
            if newest.version != one.version:
                return Answer.MISSED, f"{one.id} was live; {newest.version} is, by {newest.id}"
        if self.goal is Goal.PROVEN and not proven:
            return Answer.MISSED, f"{one.id} is live, and no evidence showed each of its steps to be safe"
        return Answer.REACHED, f"{one.version} is live by {one.id}"
