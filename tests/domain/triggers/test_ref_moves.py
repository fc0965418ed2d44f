"""A push is told from a repeated delivery."""

from itertools import pairwise

from domain.triggers import ref_moves
from domain.triggers.ref_moves import RefMoves

NONE, A, B = "0" * 40, "a" * 40, "b" * 40
TAG, MAIN = "refs/tags/v1", "refs/heads/main"


def numbers(moves: RefMoves, ref: str, *path: str) -> list[int]:
    return [moves.number(ref, old, new) for old, new in pairwise(path)]


def test_the_same_tag_pushed_a_second_time_is_another_delivery() -> None:
    assert numbers(RefMoves(), TAG, NONE, A, NONE, A, NONE, A) == [1, 1, 2, 2, 3]


def test_a_force_push_back_and_forth_is_another_delivery() -> None:
    assert numbers(RefMoves(), MAIN, NONE, A, B, A, B, A) == [1, 1, 1, 2, 2]


def test_a_repeat_of_the_very_same_delivery_is_the_same() -> None:
    moves = RefMoves()

    assert [moves.number(TAG, NONE, A) for _ in range(3)] == [1, 1, 1]
    numbers(moves, TAG, A, NONE, A)
    assert moves.number(TAG, NONE, A) == 2


def test_a_late_repeat_of_an_earlier_delivery_is_the_same() -> None:
    moves = RefMoves()
    numbers(moves, MAIN, NONE, A, B)

    assert moves.number(MAIN, NONE, A) == 1
    assert moves.number(MAIN, B, A) == 1


def test_a_ref_that_moved_before_anybody_counted_has_been_there() -> None:
    assert numbers(RefMoves(), TAG, A, NONE, A) == [1, 2]
    assert numbers(RefMoves(), MAIN, B, A, B) == [1, 2]


def test_refs_are_counted_apart_and_only_so_many_are_remembered(monkeypatch) -> None:
    monkeypatch.setattr(ref_moves, "MAX_MOVES", 5)
    moves = RefMoves()
    for number in range(20):
        moves.number(f"refs/tags/{number}", NONE, A)

    assert (len(moves.moves), len(moves.at)) == (5, 5)
    assert moves.number("refs/tags/19", NONE, A) == 1
