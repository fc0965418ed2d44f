"""Concurrency groups: nobody is lost, nobody goes twice, and the order is the one that was asked for."""

import math

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from domain.queues.queue import MAX_WAITING, ConcurrencyPolicy, Mode, Order, Queue, SlotStatus, words


class Interleavings(RuleBasedStateMachine):
    """Anybody asks, asks again, ends or dies at any moment; a model of plain sets says who must be where."""

    people = Bundle("people")

    def __init__(self):
        super().__init__()
        self.queue, self.clock, self.count = Queue(), 0.0, 0
        self.running: set[str] = set()
        self.pending: set[str] = set()
        self.limit = 1

    def hear(self, notices):
        for notice in notices:
            match notice.told:
                case SlotStatus.GRANTED:
                    assert notice.who in self.pending, "granted to somebody who does not wait"
                    self.pending.remove(notice.who)
                    self.running.add(notice.who)
                case SlotStatus.REJECTED:
                    self.pending.remove(notice.who)
                    assert notice.reason
                case SlotStatus.CANCELLED:
                    self.pending.discard(notice.who)  # who holds gives back when it has ended
                    assert notice.reason

    @rule(
        target=people,
        limit=st.integers(1, 3),
        mode=st.sampled_from(Mode),
        order=st.sampled_from(Order),
        priority=st.integers(1, 5),
    )
    def asks(self, limit, mode, order, priority):
        self.clock += 1
        self.count += 1
        who, self.limit = f"run/p/{self.count}", limit
        self.pending.add(who)
        self.hear(self.queue.ask(who, ConcurrencyPolicy("g", limit, mode, order, priority), self.clock))
        return who

    @rule(who=people)
    def asks_again(self, who):
        """After a lost answer, or a continue-as-new: a holder is told again, the others stay where they are."""
        if who not in self.running | self.pending:
            return
        before = list(self.queue.waiting)
        notices = self.queue.ask(who, ConcurrencyPolicy("g", self.limit), self.clock)
        assert [notice.who for notice in notices] in ([], [who])
        assert self.queue.waiting == before

    @rule(who=consumes(people))
    def ends_or_dies(self, who):
        self.clock += 1
        self.running.discard(who)
        self.pending.discard(who)
        self.hear(self.queue.give(who, self.clock))

    @rule(who=people)
    def gives_twice(self, who):
        """The message comes again, after somebody looked and found it dead."""
        if who not in self.running | self.pending:
            assert self.queue.give(who, self.clock) == []

    @invariant()
    def everybody_is_where_the_model_has_them(self):
        assert {place.who for place in self.queue.holders} == self.running
        assert {place.who for place in self.queue.waiting} == self.pending

    @invariant()
    def nobody_waits_for_a_free_place(self):
        assert not self.queue.waiting or len(self.queue.holders) >= self.queue.limit

    @invariant()
    def everybody_who_waits_has_a_place_and_a_finite_wait(self):
        said = words(self.queue, self.clock)
        assert said.keys() == self.pending
        assert all(math.isfinite(s) and s >= 0 for s in self.queue.expected_s(self.clock).values())


TestInterleavings = Interleavings.TestCase

asks = st.lists(st.tuples(st.integers(1, 5)), max_size=30)


def full(order: Order, priorities: list[int]) -> list[str]:
    """Who gets the one place, one after the other, when all of them wait behind `first`."""
    queue, got = Queue(), []
    queue.ask("first", ConcurrencyPolicy("g", order=order), 0)
    for index, priority in enumerate(priorities):
        queue.ask(str(index), ConcurrencyPolicy("g", order=order, priority=priority), index + 1)
    holder = "first"
    while queue.waiting:
        (notice,) = queue.give(holder, 100)
        holder = notice.who
        got.append(holder)
    return got


@given(st.lists(st.integers(1, 5), max_size=30))
def test_the_order_is_first_in_last_in_or_by_priority_and_then_first_in(priorities):
    numbers = [str(index) for index in range(len(priorities))]
    assert full(Order.FIFO, priorities) == numbers
    assert full(Order.LIFO, priorities) == numbers[::-1]
    assert full(Order.PRIORITY, priorities) == sorted(numbers, key=lambda one: (priorities[int(one)], int(one)))


@given(st.integers(1, 5), st.integers(1, 12))
def test_never_more_hold_than_the_limit_and_newcomers_of_cancel_running_go_when_the_oldest_has_ended(limit, count):
    queue, terms = Queue(), ConcurrencyPolicy("g", limit, Mode.CANCEL_RUNNING)
    for index in range(count):
        notices = queue.ask(str(index), terms, index)
        assert len(queue.holders) <= limit
        if index >= limit:
            assert [n.told for n in notices] == [SlotStatus.CANCELLED]
            assert [n.told for n in queue.give(notices[0].who, index)] == [SlotStatus.GRANTED]


def test_a_newcomer_of_cancel_running_that_is_itself_replaced_evicts_nobody_else() -> None:
    queue, terms = Queue(), ConcurrencyPolicy("g", 1, Mode.CANCEL_RUNNING)
    queue.ask("a", terms, 0)
    assert [(n.who, n.told) for n in queue.ask("b", terms, 1)] == [("a", SlotStatus.CANCELLED)]
    assert [(n.who, n.told) for n in queue.ask("c", terms, 2)] == [("b", SlotStatus.CANCELLED)]
    assert [(n.who, n.told) for n in queue.give("a", 3)] == [("c", SlotStatus.GRANTED)]


def test_cancel_pending_leaves_the_holder_alone() -> None:
    queue, terms = Queue(), ConcurrencyPolicy("g", 1, Mode.CANCEL_PENDING)
    queue.ask("a", terms, 0)
    assert queue.ask("b", terms, 1) == []
    (notice,) = queue.ask("c", terms, 2)
    assert (notice.who, notice.told, notice.reason) == ("b", SlotStatus.CANCELLED, "superseded by c")
    assert [place.who for place in queue.holders] == ["a"]


def test_reject_says_who_holds_the_place() -> None:
    queue, terms = Queue(), ConcurrencyPolicy("g", 2, Mode.REJECT)
    queue.ask("a", terms, 0)
    queue.ask("b", terms, 1)
    (notice,) = queue.ask("c", terms, 2)
    assert (notice.told, "held by a, b" in notice.reason) == (SlotStatus.REJECTED, True)


def test_a_queue_has_an_end() -> None:
    queue = Queue()
    for index in range(MAX_WAITING + 1):
        assert SlotStatus.REJECTED not in [n.told for n in queue.ask(str(index), ConcurrencyPolicy("g"), index)]
    assert [n.told for n in queue.ask("more", ConcurrencyPolicy("g"), 0)] == [SlotStatus.REJECTED]


def test_the_expected_wait_counts_places_and_what_holders_have_done_already() -> None:
    queue, terms = Queue(), ConcurrencyPolicy("g", 2)
    queue.ask("old", terms, 0)
    queue.give("old", 60)  # a place is held for 60 s
    for who, at in (("a", 100), ("b", 140), ("c", 141), ("d", 142), ("e", 143)):
        queue.ask(who, terms, at)

    assert queue.expected_s(150) == {"c": 10, "d": 50, "e": 70}
    assert words(queue, 150)["d"] == "place 2 of 3, in about 50.0 s"


def test_the_newest_terms_count() -> None:
    queue = Queue()
    for who in "abc":
        queue.ask(who, ConcurrencyPolicy("g", 1), 0)
    notices = queue.ask("d", ConcurrencyPolicy("g", 3), 1)
    assert [n.who for n in notices] == ["b", "c"]
