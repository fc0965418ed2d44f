"""One number for a delivery, however often it comes."""

from hypothesis import given
from hypothesis import strategies as st

from domain.core.sequences import IdempotentCounter


@given(st.lists(st.sampled_from("abcdef")))
def test_a_delivery_has_one_number_for_ever_within_what_is_kept(ids):
    ledger, numbers = IdempotentCounter(keep=10), dict[str, int]()
    for id_ in ids:
        assert ledger.next(id_) == numbers.setdefault(id_, len(numbers) + 1)


def test_a_ledger_keeps_the_last_ones_only() -> None:
    ledger = IdempotentCounter(keep=3)
    for n in range(5):
        ledger.next(str(n))

    assert list(ledger.numbers) == ["2", "3", "4"]
