"""The input of every strategy, and steps that several share."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from domain.releases.actions import Action, ActionKind, Reply
from domain.releases.judge.ramp import Goal
from domain.releases.spec import RolloutSpec

Steps = Generator[Action, Reply, None]


@dataclass(frozen=True)
class Order:
    """What a strategy knows about a release."""

    version: str
    previous: str = ""
    """Empty: no version is live yet."""
    spec: RolloutSpec = RolloutSpec()
    instances: int = 1
    previous_instances: int = 1
    by_weight: bool = True
    """Whether rolling asks for approvals by the weight it shifts; false for releases that began before this existed."""

    def goal(self, next_percent: float, *, prove: bool = True) -> Goal:
        """What an observation must show before the weight goes to `next_percent`; times are the policy's."""
        policy = self.spec.policy
        return Goal(
            next_percent=next_percent, min_dwell_s=policy.min_dwell_s, max_dwell_s=policy.max_dwell_s, prove=prove
        )


Strategy = Callable[[Order], Steps]


def first(order: Order) -> Steps:
    """First release: nothing to compare with, and no traffic to lose."""
    yield Action(do=ActionKind.START, version=order.version)
    yield Action(do=ActionKind.ROUTE, version=order.version)


def approvals(order: Order, above: float, upto: float) -> Steps:
    """Approvals required between two weights."""
    for step in order.spec.approvals:
        if above < step.before_percent <= upto:
            yield Action(do=ActionKind.APPROVE, version=order.version, name=step.name)


def finish(order: Order) -> Steps:
    """Shift and verify all traffic; the previous version stays on standby for its window."""
    yield Action(do=ActionKind.ROUTE, version=order.version)
    yield Action(do=ActionKind.VERIFY, version=order.version)
    if order.spec.keep_s:
        yield Action(do=ActionKind.KEEP, version=order.previous, seconds=order.spec.keep_s)
    else:
        yield Action(do=ActionKind.STOP, version=order.previous)
