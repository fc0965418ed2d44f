"""The input of every strategy, and steps that several share."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from domain.releases import capacity
from domain.releases.actions import Action, ActionKind, Reply
from domain.releases.judge.ramp import Goal
from domain.releases.kubernetes.place import Capacity
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
    by_dwell: bool = True
    """As of `Policy.weights`."""
    staged: bool = False
    """Whether its target has PREFLIGHT, HOOK and RETIRE, and scales each version by itself."""
    capacity: Capacity = Capacity.BY_WEIGHT
    """Staged only."""

    def goal(self, next_percent: float, *, prove: bool = True) -> Goal:
        """What an observation must show before the weight goes to `next_percent`; times are the policy's."""
        policy = self.spec.policy
        return Goal(
            next_percent=next_percent, min_dwell_s=policy.min_dwell_s, max_dwell_s=policy.max_dwell_s, prove=prove
        )


Strategy = Callable[[Order], Steps]


@dataclass(frozen=True)
class Begun:
    """What a strategy knows once the target has been asked. Without a PREFLIGHT: what the order says."""

    order: Order
    full: int = 0
    """Instances of the new version for all the traffic; 0: as its definition says."""
    stable: int = 0
    """Instances of the previous version; 0: as its definition says."""
    hooks: tuple[str, ...] = ()

    def hook(self, *names: str) -> Steps:
        """Those of these hooks that the version has."""
        for name in names:
            if name in self.hooks:
                yield Action(do=ActionKind.HOOK, version=self.order.version, name=name)

    def instances(self, percent: float) -> int:
        """How many the new version needs before it gets so much of the traffic; 0: as its definition says."""
        if not self.full or self.order.capacity is Capacity.FULL:
            return self.full
        return capacity.instances(percent, self.full)

    def scale(self, before: float, percent: float) -> Steps:
        """More of the new version, where a rise of its weight needs them: capacity comes before traffic."""
        count = self.instances(percent)
        if count > self.instances(before):
            yield Action(do=ActionKind.SCALE, version=self.order.version, count=count)


def begin(order: Order, *, hold: bool = True) -> Generator[Action, Reply, Begun]:
    """Asks a staged target first. `hold`: what the previous version has now stays until the release is over, so that
    going back needs no new processes.
    """
    if not order.staged:
        return Begun(order)
    said = yield Action(do=ActionKind.PREFLIGHT, version=order.version)
    if hold and order.previous and said.stable:
        yield Action(do=ActionKind.SCALE, version=order.previous, count=said.stable)
    return Begun(order, max(said.instances, said.stable, 1), said.stable, said.hooks)


def first(order: Order) -> Steps:
    """First release: nothing to compare with, and no traffic to lose."""
    begun = yield from begin(order)
    yield from begun.hook("expand", "before")
    yield Action(do=ActionKind.START, version=order.version, count=begun.full)
    yield Action(do=ActionKind.ROUTE, version=order.version)
    yield from begun.hook("after")


def approvals(order: Order, above: float, upto: float) -> Steps:
    """Approvals required between two weights."""
    for step in order.spec.approvals:
        if above < step.before_percent <= upto:
            yield Action(do=ActionKind.APPROVE, version=order.version, name=step.name)


def finish(begun: Begun, reached: float) -> Steps:
    """Shift and verify all traffic; the previous version stays on standby for its window. `reached`: weight so far."""
    order = begun.order
    yield from begun.scale(reached, 100.0)
    yield Action(do=ActionKind.ROUTE, version=order.version)
    yield from begun.hook("after")
    yield Action(do=ActionKind.VERIFY, version=order.version)
    if order.spec.keep_s:
        yield Action(do=ActionKind.KEEP, version=order.previous, seconds=order.spec.keep_s)
    else:
        yield end(order)


def end(order: Order) -> Action:
    """The previous version's last action."""
    return Action(do=ActionKind.RETIRE if order.staged else ActionKind.STOP, version=order.previous)
