"""Coverage of several reports as one number."""

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.coverage import Measured, Rates, merged

measured = st.lists(
    st.builds(Measured, st.sampled_from("ab"), st.integers(1, 4), st.booleans(), st.booleans()), max_size=20
)


@given(measured, st.randoms())
def test_neither_the_order_of_reports_nor_a_repetition_changes_the_rates(lines, random):
    mixed = lines * 2
    random.shuffle(mixed)

    assert merged(mixed) == merged(lines)


@given(measured, measured)
def test_another_report_of_the_same_lines_never_lowers_the_rates(lines, more):
    again = [one for one in more if any(one[:2] == known[:2] and one.is_branch is known.is_branch for known in lines)]

    assert merged(lines + again).lines >= merged(lines).lines
    assert merged(lines + again).branches >= merged(lines).branches


def test_rates_are_rounded_down_so_that_a_limit_is_reached_only_when_it_is():
    lines = [Measured("a", number, number != 0) for number in range(100_001)]

    assert merged(lines) == Rates(99.99, -1)
    assert merged([]) == Rates(-1, -1)
    assert merged([Measured("a", 1, True, is_branch=True)]) == Rates(-1, 100)
