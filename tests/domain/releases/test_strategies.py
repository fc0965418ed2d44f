"""Every strategy, interpreted over a small model of a platform: what must hold after each action."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from domain.releases import capacity
from domain.releases.actions import Action, ActionKind, Reply
from domain.releases.capabilities import CAPABILITIES, Capability, missing, wanted
from domain.releases.judge.policy import Policy
from domain.releases.kubernetes.place import Capacity
from domain.releases.rollback import rollback
from domain.releases.spec import ApprovalStep, RolloutSpec
from domain.releases.strategies.registry import STRATEGIES
from domain.releases.strategies.steps import Order

orders = st.builds(
    Order,
    version=st.just("new"),
    previous=st.sampled_from(["", "old"]),
    spec=st.builds(
        RolloutSpec,
        judged=st.booleans(),
        batch=st.integers(1, 4),
        max_unavailable=st.integers(0, 2),
        split_percent=st.sampled_from([0.0, 10.0]),
        keep_s=st.sampled_from([0.0, 600.0]),
        policy=st.builds(Policy, bake_s=st.sampled_from([0.0, 60.0]), first_percent=st.sampled_from([0.0, 5.0, 60.0])),
        approvals=st.lists(st.builds(ApprovalStep, before_percent=st.sampled_from([5.0, 25.0, 100.0])), max_size=2).map(
            tuple
        ),
    ),
    instances=st.integers(1, 6),
    previous_instances=st.integers(1, 6),
    staged=st.booleans(),
    capacity=st.sampled_from(Capacity),
)
HOOKS = ("expand", "before", "after", "contract")


@dataclass
class Model:
    order: Order
    processes: dict[str, int] = field(default_factory=dict)
    weight: dict[str, float] = field(default_factory=dict)
    judged: bool = True
    """Whether the present weights have been judged."""

    def __post_init__(self) -> None:
        if self.order.previous:
            self.processes, self.weight = {"old": self.order.previous_instances}, {"old": 100.0}

    def carry_out(self, action: Action) -> None:
        full = self.order.instances if action.version == "new" else self.order.previous_instances
        match action.do:
            case ActionKind.START | ActionKind.SCALE:
                self.processes[action.version] = action.count or full
            case ActionKind.SHIFT:
                self.weight = {"new": action.percent, "old": 100 - action.percent}
                self.judged = False
            case ActionKind.ROUTE:
                self.weight = {action.version: 100.0}
            case ActionKind.STOP | ActionKind.RETIRE:
                self.processes.pop(action.version, None)
            case ActionKind.OBSERVE:
                self.judged = True

    def answering(self) -> int:
        return sum(self.processes.get(version, 0) for version, weight in self.weight.items() if weight)


def walk(name: str, order: Order) -> list[Action]:
    steps, done = STRATEGIES[name](order), list[Action]()
    reply: Reply | None = None
    while True:
        try:
            action = steps.send(reply)  # type: ignore[arg-type]
        except StopIteration:
            return done
        done.append(action)
        reply = Reply(50.0, order.instances, order.previous_instances if order.previous else 0, HOOKS)


def full(order: Order) -> int:
    """A staged target has as many of the new version as the previous one had, or it asks for."""
    return max(order.instances, order.previous_instances) if order.staged and order.previous else order.instances


names = st.sampled_from(sorted(STRATEGIES))


@given(names, orders)
def test_every_strategy_ends_with_all_traffic_at_the_new_version(name, order):
    model = Model(order)
    for action in walk(name, order):
        model.carry_out(action)

    assert model.weight == {"new": 100.0}
    assert model.processes["new"] == full(order)


@given(names.filter(lambda name: name != "recreate"), orders)
def test_no_version_is_stopped_while_it_gets_traffic_and_somebody_always_answers(name, order):
    model = Model(order)
    for action in walk(name, order):
        if action.do in (ActionKind.STOP, ActionKind.RETIRE):
            assert not model.weight.get(action.version)
        if action.do in (ActionKind.SHIFT, ActionKind.ROUTE):
            assert model.processes.get(action.version)
        model.carry_out(action)
        if order.previous:
            assert model.answering() > 0


@given(names, orders)
def test_the_weight_never_rises_before_the_last_one_was_judged(name, order):
    model = Model(order)
    for action in walk(name, order):
        if action.do in (ActionKind.SHIFT, ActionKind.ROUTE) and order.spec.judged:
            assert model.judged
        model.carry_out(action)


staged = orders.filter(lambda order: order.staged)
gradual = st.sampled_from(["canary", "blue-green"])


@given(names, staged)
def test_a_staged_target_is_asked_before_anything_is_touched(name, order):
    first, *others = walk(name, order)
    assert first.do is ActionKind.PREFLIGHT
    assert ActionKind.PREFLIGHT not in {action.do for action in others}


@given(gradual, staged)
def test_no_weight_rises_without_the_capacity_for_it(name, order):
    model = Model(order)
    for action in walk(name, order):
        if action.do is ActionKind.SHIFT:
            assert model.processes["new"] >= capacity.instances(action.percent, full(order))
        if action.do is ActionKind.ROUTE:
            assert model.processes["new"] >= full(order)
        model.carry_out(action)


@given(gradual, staged)
def test_the_previous_version_keeps_what_it_has_until_it_ends(name, order):
    model = Model(order)
    for action in walk(name, order):
        model.carry_out(action)
        if order.previous and action.do is not ActionKind.RETIRE:
            assert model.processes["old"] == order.previous_instances


@given(names, staged, st.integers(0, 60))
def test_going_back_has_its_capacity_first(name, order, reached):
    model, done = Model(order), walk(name, order)[:reached]
    for action in done:
        model.carry_out(action)
    for action in rollback("new", order.previous, done):
        model.carry_out(action)
        if action.do is ActionKind.ROUTE:
            assert model.processes["old"] >= order.previous_instances


@given(names, staged)
def test_hooks_run_once_each_and_before_what_they_are_for(name, order):
    walked = walk(name, order)
    does = [
        action.name if action.do is ActionKind.HOOK else str(action.do) for action in walked if action.version == "new"
    ]
    assert [one for one in does if one in HOOKS] == ["expand", "before", "after"]
    assert does.index("before") < does.index("start") < does.index("route") < does.index("after")


@given(st.floats(0, 100), st.integers(1, 1_000))
def test_capacity_is_enough_and_never_more_than_all(percent, every):
    count = capacity.instances(percent, every)
    assert min(every, every * percent / 100) <= count <= every
    assert count >= 1


@given(orders)
def test_rolling_keeps_the_processes_that_it_promised(order):
    model = Model(order)
    least = min(order.instances, order.previous_instances) - order.spec.max_unavailable
    for action in walk("rolling", order):
        model.carry_out(action)
        if order.previous:
            assert sum(model.processes.values()) >= least
    assert not order.previous or "old" not in model.processes


@given(names.filter(lambda name: name != "recreate"), orders)
def test_every_approval_is_asked_before_its_weight_is_reached(name, order):
    asked: set[str] = set()
    for action in walk(name, order):
        asked |= {action.name} if action.do is ActionKind.APPROVE else set()
        reached = 100.0 if action.do is ActionKind.ROUTE else action.percent
        if order.previous and reached and action.version == "new":
            due = {step.name for step in order.spec.approvals if step.before_percent <= reached}
            assert due <= asked


@given(names, orders, st.integers(0, 60))
def test_rolling_back_from_anywhere_brings_the_version_before_back_and_loses_no_request(name, order, reached):
    steps = walk(name, order)
    done = steps[: min(reached, len(steps))]
    model = Model(order)
    for action in done:
        model.carry_out(action)
    ends = (ActionKind.STOP, ActionKind.RETIRE)
    kept = not any(action.do in ends for action in done if action.version == "old")
    for action in rollback("new", order.previous, done):
        if action.do is ActionKind.STOP and order.previous and kept:
            assert not model.weight.get(action.version)
        model.carry_out(action)

    assert "new" not in model.processes
    if order.previous:
        assert model.weight == {"old": 100.0}
        assert model.processes == {"old": order.previous_instances}


def test_recreate_never_runs_two_versions_at_once() -> None:
    assert [str(action) for action in walk("recreate", Order("new", "old"))] == ["stop old", "start new", "route new"]


def test_a_canary_reads_as_its_definition() -> None:
    order = Order("new", "old", RolloutSpec(policy=Policy(first_percent=5, steps_percent=(25.0,))))

    assert [str(action) for action in walk("canary", order)] == [
        "start new", "measure old", "preview new", "shift new 5 %", "observe new", "shift new 25 %", "observe new",
        "route new", "verify new", "keep old",
    ]  # fmt: skip


@given(names, orders)
def test_a_target_without_a_router_is_offered_only_what_it_can_do(name, order):
    lacking = missing(name, order.spec, "local", "none")

    assert set(lacking) == set(wanted(name, order.spec))
    assert not missing(name, order.spec, "local", "traefik")
    assert CAPABILITIES["local", "traefik"] == frozenset(Capability) - {Capability.SCALE, Capability.ENFORCE}
