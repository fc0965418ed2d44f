"""Whoever says much forgets what they said themselves, and never what others said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.authority.cluster_orders import MOST_PODS, ClusterLedger, Order, OrderKind
from domain.authority.held import HeldEach

SAID = st.lists(st.tuples(st.integers(0, 8), st.sampled_from("ab")), max_size=40)


@given(said=SAID)
def test_of_each_person_the_newest_are_held_whatever_others_say(said: list[tuple[int, str]]) -> None:
    held: HeldEach[int, int] = HeldEach(3)
    whose: dict[int, tuple[str, int]] = {}
    for at, (key, person) in enumerate(said):
        held.put(key, at, person)
        whose.pop(key, None)
        whose[key] = (person, at)
        own = [one for one, (who, _) in whose.items() if who == person]
        if len(own) > 3:
            del whose[own[0]]
    assert {key: held.get(key) for key in range(9) if held.get(key) is not None} == {
        key: at for key, (_, at) in whose.items()
    }
    assert len(held) == len(whose)


def test_pods_of_one_person_do_not_push_out_those_of_another() -> None:
    ledger = ClusterLedger()
    theirs = Order(kind=OrderKind.POD, cluster="c", what="w", pod="pod/c/n/mine/1", where="h", person="person:ann")
    ledger.ordered(theirs, 0)
    for number in range(MOST_PODS + 5):
        ledger.ordered(Order(kind=OrderKind.POD, cluster="c", pod=f"pod/c/n/{number}/1", person="person:eve"), 0)
    assert ledger.creates(theirs.pod, "w", "h", 1)
    assert ledger.removes(theirs.pod, "h")
    assert len(ledger.pods) == MOST_PODS + 1


def test_names_that_anybody_makes_up_are_not_remembered() -> None:
    ledger = ClusterLedger()
    for kind in (OrderKind.GUARD, OrderKind.POD, OrderKind.OBJECT, OrderKind.VOLUME):
        ledger.ordered(Order(kind=kind, cluster="made-up", what="w", person="person:eve"), 0)
    assert ledger.records == {}
