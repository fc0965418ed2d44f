"""Waiting for a release ends when it must, and never with another release's result."""

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.awaited import Answer, Awaited, Goal, Listed

VERDICTS = ("live", "rolled-back", "aborted", "failed")
GOALS, VERSIONS = st.sampled_from(Goal), st.sampled_from(("1", "2", "3"))


@st.composite
def releases(draw: st.DrawFn) -> list[Listed]:
    found = []
    for number in draw(st.lists(st.integers(1, 9), unique=True, max_size=6)):
        ended = draw(st.booleans())
        verdict = draw(st.sampled_from(VERDICTS)) if ended else ""
        found.append(Listed(id=f"r/{number}", number=number, version=draw(VERSIONS), verdict=verdict, ended=ended))
    return found


@given(GOALS, VERSIONS, releases())
def test_what_has_not_begun_is_waited_for_whatever_else_was_released(goal: Goal, version: str, listed: list[Listed]):
    others = [one for one in listed if one.version != version]
    assert Awaited(goal, version).answer(others)[0] is Answer.WAITING


@given(GOALS, releases(), st.booleans())
def test_what_is_in_progress_is_waited_for_and_what_has_ended_is_answered(goal: Goal, listed: list[Listed], sure: bool):
    meant = Awaited(goal)
    one = meant.chosen(listed)
    answer, _ = meant.answer(listed, sure)
    if one is not None:
        assert one.number == max(each.number for each in listed)
        assert (answer is Answer.WAITING) == (not one.ended)


@given(releases(), st.integers(0, 9), st.booleans())
def test_only_a_version_that_ended_live_and_still_is_counts_as_live(listed: list[Listed], number: int, sure: bool):
    meant = Awaited(Goal.LIVE, number=number)
    one = meant.chosen(listed)
    if meant.answer(listed, sure)[0] is Answer.REACHED:
        assert one is not None
        assert one.verdict == "live"
        newest = max((each for each in listed if each.verdict == "live"), key=lambda each: each.number)
        assert newest.version == one.version


@given(releases(), st.booleans())
def test_proven_is_live_and_more(listed: list[Listed], sure: bool):
    live, proven = Awaited(Goal.LIVE).answer(listed), Awaited(Goal.PROVEN).answer(listed, sure)
    if proven[0] is Answer.REACHED:
        assert sure
        assert live[0] is Answer.REACHED
    elif sure:
        assert proven[0] is live[0]


@given(releases())
def test_nothing_is_in_progress_where_there_was_no_release(listed: list[Listed]):
    assert Awaited(Goal.ENDED).answer([])[0] is Answer.REACHED
    assert Awaited(Goal.LIVE).answer([])[0] is Answer.WAITING


def test_a_version_that_was_replaced_is_not_live_and_one_that_came_back_is():
    first = Listed(id="r/1", number=1, version="1", verdict="live", ended=True)
    other = Listed(id="r/2", number=2, version="2", verdict="live", ended=True)
    again = Listed(id="r/3", number=3, version="1", verdict="live", ended=True)
    assert Awaited(Goal.LIVE, "1").answer([first, other])[0] is Answer.MISSED
    assert Awaited(Goal.LIVE, number=1).answer([first, other, again])[0] is Answer.REACHED
