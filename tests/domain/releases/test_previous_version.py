"""A service goes back to what is warm, or to another version than the one that is live."""

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.previous_version import previous_version

versions = st.lists(st.sampled_from("123"), min_size=2, max_size=6).map(
    lambda names: [(f"r{index}", name) for index, name in enumerate(names)]
)


@given(versions)
def test_it_is_the_last_other_version_where_there_is_one_and_never_the_live_instance(known):
    chosen = previous_version(known)
    others = [instance for instance, version in known[:-1] if version != known[-1][1]]

    assert chosen == (others[-1] if others else known[-2][0])
    assert chosen != known[-1][0]


@given(versions)
def test_what_is_warm_comes_first(known):
    assert previous_version(known, "r9") == "r9"
