"""Too many connections without a token end some of their own, and no agent's place is certain to be lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.newcomers import Newcomer, Room

KNOWN = st.lists(st.builds(Newcomer, st.sampled_from("abcd"), st.booleans()), max_size=30)
ROOM = st.builds(Room, most=st.integers(1, 25), of_one=st.integers(1, 10))


@given(ROOM, KNOWN, st.sampled_from("abcd"), st.integers(0))
def test_one_ends_when_there_is_no_room_and_none_before(room: Room, known: list[Newcomer], address: str, drawn: int):
    end = room.ends(known, address, lambda most: drawn % most)
    own = sum(one.address == address for one in known)
    assert (end is not None) == (own >= room.of_one or len(known) >= room.most)


@given(ROOM, KNOWN, st.sampled_from("abcd"), st.integers(0))
def test_a_crowd_ends_nobody_of_a_smaller_one(room: Room, known: list[Newcomer], address: str, drawn: int):
    end = room.ends(known, address, lambda most: drawn % most)
    if end is not None and known[end].address != address:
        crowd = sum(one.address == known[end].address for one in known)
        assert all(crowd >= sum(one.address == other for one in known) for other in "abcd")


@given(st.integers(1, 30), st.lists(st.builds(Newcomer, st.just("elsewhere"), st.booleans()), max_size=9))
def test_no_order_of_connections_makes_it_certain_whose_place_is_lost(crowd: int, others: list[Newcomer]):
    known = [*others, *[Newcomer("nat")] * crowd]
    drawn = {Room(500, crowd).ends(known, "nat", lambda most, at=at: at) for at in range(crowd)}  # type: ignore[misc]
    assert drawn == {at for at, one in enumerate(known) if one.address == "nat"}


@given(ROOM, KNOWN, st.sampled_from("abcd"), st.integers(0))
def test_who_has_finished_its_handshake_stays_while_others_of_its_crowd_have_not(
    room: Room, known: list[Newcomer], address: str, drawn: int
):
    end = room.ends(known, address, lambda most: drawn % most)
    if end is not None and known[end].greeted:
        assert all(one.greeted for one in known if one.address == known[end].address)
