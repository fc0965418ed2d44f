"""What every strategy is given, and the steps that several have in common."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from domain.releases.actions import Action, ActionKind, Reply
from domain.releases.judge.ramp import Goal
from domain.releases.spec import RolloutSpec

Steps = Generator[Action, Reply, None]


@dataclass(frozen=True)
class Order:
    """What a strategy needs to know of a release."""

    version: str
    previous: str = ""
    """Empty: nothing is live yet."""
    spec: RolloutSpec = RolloutSpec()
    instances: int = 1
    previous_instances: int = 1
    by_weight: bool = True
    """Whether rolling asks for approvals by the traffic that it shifts; false for releases that began before it did."""

    def goal(self, next_percent: float, *, prove: bool = True) -> Goal:
        """What an observation has to reach before the weight goes to `next_percent`; times are the policy's."""
        policy = self.spec.policy
        return Goal(next_percent, policy.min_dwell_s, policy.max_dwell_s, prove)


Strategy = Callable[[Order], Steps]


def first(order: Order) -> Steps:
    """Nothing is live: there is nobody to compare with, and nothing to lose."""
    yield Action(ActionKind.START, order.version)
    yield Action(ActionKind.ROUTE, order.version)


def approvals(order: Order, above: float, upto: float) -> Steps:
    """What people must agree to before the weight goes from one percentage to another."""
    for step in order.spec.approvals:
        if above < step.before_percent <= upto:
            yield Action(ActionKind.APPROVE, order.version, name=step.name)


def finish(order: Order) -> Steps:
    """All traffic, verified; the previous version stays warm for its window."""
    yield Action(ActionKind.ROUTE, order.version)
    yield Action(ActionKind.VERIFY, order.version)
    if order.spec.keep_s:
        yield Action(ActionKind.KEEP, order.previous, seconds=order.spec.keep_s)
    else:
        yield Action(ActionKind.STOP, order.previous)
