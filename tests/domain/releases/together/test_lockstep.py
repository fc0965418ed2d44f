"""No service has more traffic than what it calls; all end together, or all go back, callers first."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.releases.together.lockstep import PATIENCE_S, Gate, Lockstep
from domain.releases.together.order import callers, order
from tests.domain.releases.together.calls import graphs
from tests.support.profile import times

STEPS = st.lists(st.sampled_from([5.0, 10.0, 25.0, 50.0]), unique=True, max_size=3).map(
    lambda some: [*sorted(some), 100.0]
)


class Together(RuleBasedStateMachine):
    """Releases that ask at each step, in a world where everything else happens in any order."""

    @initialize(needs=graphs(), data=st.data())
    def begin(self, needs, data):
        self.needs = {name: tuple(needs[name]) for name in order(needs)}
        self.steps = {name: data.draw(STEPS) for name in self.needs}
        self.all = Lockstep(needs=self.needs)
        self.now = 1000.0
        self.told: dict[str, Gate] = {}
        """Service to what it was let to and has not done yet."""
        self.ready = set(self.needs)
        """Services that will ask next."""
        self.live: set[str] = set()

    @rule()
    def lets_whose_turn_it_is(self):
        self.lets()

    def lets(self):
        turn = self.all.turn(self.now)
        assert self.all.turn(self.now) == turn
        for name in turn.let:
            seat = self.all.seats[name]
            assert name not in self.told
            assert name not in self.ready
            if seat.asks is Gate.WEIGHT:
                assert all(self.all.seats[one].percent >= seat.wants or self.done(one) for one in self.needs[name])
            elif seat.asks is Gate.END:
                assert all(not steps for steps in self.steps.values())
            else:
                assert all(self.gone(one) for one in callers(self.needs, name))
            assert seat.asks is not None
            self.told[name] = seat.asks
        self.all.let(turn.let, self.now)
        return turn

    def done(self, name):
        return not self.steps[name] or self.all.seats[name].asks is Gate.END

    def gone(self, name):
        seat = self.all.seats[name]
        late = (seat.let_back_at or self.all.back_since) + PATIENCE_S <= self.now
        return not seat.exposed or late

    @precondition(lambda self: self.ready)
    @rule(data=st.data())
    def a_service_asks(self, data):
        name = data.draw(st.sampled_from(sorted(self.ready)))
        self.ready.discard(name)
        if self.all.back_since:
            self.all.ask(name, Gate.BACK)
        elif self.steps[name]:
            self.all.ask(name, Gate.WEIGHT, self.steps[name][0])
        else:
            self.all.ask(name, Gate.END)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def a_service_does_what_it_was_let_to(self, data):
        name = data.draw(st.sampled_from(sorted(self.told)))
        gate = self.told.pop(name)
        if gate is Gate.WEIGHT and not self.all.back_since:
            self.all.weighed(name, self.steps[name].pop(0))
            self.ready.add(name)
        elif gate is Gate.WEIGHT:
            self.ready.add(name)
        else:
            self.all.weighed(name, 0.0 if gate is Gate.BACK else 100.0)
            self.all.ended(name)
            self.live |= {name} if gate is Gate.END else set()

    @precondition(lambda self: not self.all.back_since)
    @rule()
    def one_fails(self):
        self.all.go_back(self.now)
        if self.all.back_since:
            self.ready |= {name for name in self.all.open if name not in self.told}

    @rule(seconds=st.sampled_from([1.0, PATIENCE_S]))
    def time_passes(self, seconds):
        self.now += seconds

    @invariant()
    def all_are_live_or_none(self):
        if hasattr(self, "all"):
            assert not (self.live and self.all.back_since)

    def teardown(self):
        """Whatever has happened, all of them get to their end when each does what it is let to."""
        for _ in range(200 if hasattr(self, "all") else 0):
            if not self.all.open:
                return
            turn = self.lets()
            while self.ready:
                self.a_service_asks_in_turn()
            while self.told:
                self.a_service_goes_on_in_turn()
            self.now = turn.until or self.now
        assert not hasattr(self, "all"), f"stuck: {self.all}"

    def a_service_asks_in_turn(self):
        name = min(self.ready)
        self.ready.discard(name)
        gate = Gate.BACK if self.all.back_since else Gate.WEIGHT if self.steps[name] else Gate.END
        self.all.ask(name, gate, self.steps[name][0] if gate is Gate.WEIGHT else 0.0)

    def a_service_goes_on_in_turn(self):
        name, gate = self.told.popitem()
        if gate is Gate.WEIGHT:
            if not self.all.back_since:
                self.all.weighed(name, self.steps[name].pop(0))
            self.ready.add(name)
        else:
            self.all.ended(name)


TestTogether = Together.TestCase
TestTogether.settings = settings(max_examples=times(10, 30), stateful_step_count=40, deadline=None)
