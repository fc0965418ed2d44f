"""What came as one goes back as one: nothing before what calls it, whoever stays."""

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.together.back import Brought, staying, way_back


@st.composite
def calls(draw):
    """Services and whom each calls, without a circle; and those that stay."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    needs = {name: tuple(draw(st.sets(st.sampled_from(names[:at])))) if at else () for at, name in enumerate(names)}
    return needs, draw(st.sets(st.sampled_from(names)))


def reaches(needs, caller, callee):
    return callee in needs[caller] or any(reaches(needs, one, callee) for one in needs[caller])


@given(calls())
def test_each_that_goes_back_goes_after_all_that_call_it(made):
    needs, stays = made
    back = way_back(needs, stays)
    turns = list(back)

    assert set(turns) == set(needs) - stays
    for caller in turns:
        for callee in turns:
            if reaches(needs, caller, callee):
                assert turns.index(caller) < turns.index(callee)
    assert all(turns.index(one) < turns.index(name) for name, first in back.items() for one in first)


def test_a_service_stays_with_something_newer_and_without_a_version_before():
    brought = Brought(instances={"web": "r5", "api": "r6", "db": "r7", "new": "r8"})
    live = {"web": "r5", "api": "r9", "new": "r8"}

    assert staying(brought, live, {"web", "api"}) == {
        "api": "r9 is live there",
        "db": "nothing of it is live",
        "new": "there was no version before",
    }
