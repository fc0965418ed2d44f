"""Holds a release that must not go forward now: outside of its windows, or in a freeze."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from temporalio import workflow

from activities.releases.port import WindowActivities, WindowAnswer, WindowQuestion
from domain.approvals.request import Outcome
from domain.approvals.spec import ApprovalSpec
from domain.releases.actions import Action
from domain.releases.forward import goes_forward
from workflows.approvals.messages import ApprovalResult
from workflows.core import activity_options as options
from workflows.releases.commands import Given
from workflows.releases.messages import ReleaseInput
from workflows.releases.step_approval import ask_for
from workflows.releases.story import Story

WINDOWS = "windows"
"""In histories from before this patch nobody asked for windows."""
OVERRIDE = "override"
"""The approval that lets a release pass its windows."""
LOOK_AGAIN_S = 3600.0
"""How long an answer holds at most: somebody may have registered, or lifted, a freeze."""
Hold = Callable[[Callable[[], bool]], Awaitable[str]]
"""Waits until a condition holds, or a command comes; returns why to go back, or empty."""


class Windows:
    """The windows of one release, and whether people let it pass them."""

    def __init__(self, input: ReleaseInput, given: Given, story: Story, hold: Hold | None = None) -> None:
        """`hold` observes the version while it waits; None: there is none yet."""
        new = input.deployment
        self._question = WindowQuestion(new.environment, new.spec.rollout.calendar)
        self._exempt = input.fast or input.granted is not None  # what was live goes back; a part's whole has asked
        self._version, self._close_back = new.instance, new.spec.rollout.close_back
        self._given, self._story, self._hold = given, story, hold or self._idle
        self._closing: asyncio.Task[None] | None = None
        """Watches for the windows to close, where the release goes back then."""
        self._input = input
        self._override: asyncio.Task[ApprovalResult] | None = None
        self.closed = ""
        """What holds the release now; empty: nothing."""
        self.passed = input.passed
        """Who let it pass all windows; empty: nobody."""

    async def before_lock(self) -> None:
        """Waits before the environment is locked, so that others may release meanwhile."""
        if self._asks:
            await self._opened(self._idle)

    async def _idle(self, over: Callable[[], bool]) -> str:
        await workflow.wait_condition(lambda: over() or bool(self._given.abort))
        return ""

    async def before(self, action: Action, done: Sequence[Action]) -> str:
        """Returns when an action may begin, or why to roll back; the version is observed meanwhile."""
        if not (self._asks and goes_forward(action, done, self._version)):
            return ""
        reason = await self._opened(self._hold)
        if self._close_back and self._closing is None:
            self._closing = asyncio.create_task(self._back_when_closed())
        return reason

    async def now(self) -> tuple[str, float]:
        """What holds it, and when to ask again (seconds since the epoch); empty: nothing. It does not wait."""
        if not self._asks:
            return "", 0.0
        answer = await self._ask()
        closed = "" if self._opens(answer) else answer.why
        if closed != self.closed:
            told = ("holds", closed) if closed else ("goes on", self.passed or "its windows are open")
            self._story.tell(*told)
            self.closed = closed
        return closed, workflow.time() + _seconds(answer)

    def heed(self) -> None:
        """Asks people for the approval that was wanted, and takes their answer; for a caller that waits by itself."""
        if self._news():
            self._answered()

    def end(self) -> None:
        """Nothing is watched or asked any more."""
        for task in (self._closing, self._override):
            if task is not None:
                task.cancel()

    @property
    def asking(self) -> bool:
        """Whether people are asked now if it may pass."""
        return bool(self._given.override) or self._override is not None

    @property
    def _asks(self) -> bool:
        return not self._exempt and workflow.patched(WINDOWS)

    async def _opened(self, hold: Hold) -> str:
        answer, reason = await self._ask(), ""
        while not (self._opens(answer) or self._given.abort or reason):
            if answer.why != self.closed:
                self.closed = answer.why
                self._story.tell("holds", answer.why)
                self._story.wait_for(f"window: {answer.why}")
            reason = await self._until(_seconds(answer), hold)
            answer = await self._ask()
        if self.closed:
            self.closed, self._given.override = "", ""
            if self._override is not None:  # nobody has to be asked any more
                self._override.cancel()
                await asyncio.gather(self._override, return_exceptions=True)
                self._override = None
            self._story.wait_no_more()
            if not (self._given.abort or reason):
                self._story.tell("goes on", self.passed or "its windows are open")
        return reason

    async def _back_when_closed(self) -> None:
        answer = await self._ask()
        while self._opens(answer):
            await workflow.sleep(_seconds(answer))
            answer = await self._ask()
        if not self._given.abort:
            self._given.abort, self._given.closed = answer.why, True
            self._disturb()

    def _news(self) -> bool:
        """Whether people want to ask for an approval, or have answered."""
        return bool(self._given.override) or (self._override is not None and self._override.done())

    def _answered(self) -> None:
        """Asks people, and takes their answer."""
        if self._given.override and self._override is None:
            wanted = ApprovalSpec(message=f"pass what holds it ({self.closed}): {self._given.override}")
            self._override = asyncio.create_task(ask_for(self._input, OVERRIDE, wanted))
            self._override.add_done_callback(lambda _: self._disturb())
            self._given.override = ""
        elif self._override is not None:
            answer, self._override = self._override.result(), None
            self._story.tell(f"approval {OVERRIDE}", answer.reason)
            self.passed = answer.reason if answer.outcome == Outcome.GRANTED else ""

    def _opens(self, answer: WindowAnswer) -> bool:
        return answer.open or bool(self.passed)

    async def _ask(self) -> WindowAnswer:
        return await workflow.execute_local_activity_method(WindowActivities.window, self._question, **options.LOCAL)

    async def _until(self, seconds: float, hold: Hold) -> str:
        timer = asyncio.create_task(workflow.sleep(seconds))
        timer.add_done_callback(lambda _: self._disturb())
        reason = ""
        try:
            while not (timer.done() or self.passed or self._given.abort or reason):
                if self._news():
                    self._answered()
                else:
                    reason = await hold(lambda: timer.done() or self._news())
        finally:
            timer.cancel()
        return reason

    def _disturb(self) -> None:
        """Ends a look that is under way."""
        self._given.count += 1


def _seconds(answer: WindowAnswer) -> float:
    """Until it is worth asking again."""
    left = answer.until - workflow.time() if answer.until else LOOK_AGAIN_S
    return min(max(left, 1.0), LOOK_AGAIN_S)
