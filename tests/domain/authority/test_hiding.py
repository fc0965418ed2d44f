"""What stands beside an encrypted payload."""

from hypothesis import given
from hypothesis import strategies as st

from domain.authority.hiding import KEY, MOST_NAME, OWNER, Hidden, read

NAMES = st.text(st.characters(), min_size=1, max_size=50)
KEYS = st.text("0123456789abcdef", min_size=1, max_size=16)


@given(KEYS, NAMES)
def test_it_is_read_as_it_was_written(key: str, name: str) -> None:
    assert read(Hidden(key, name).metadata()) == Hidden(key, name)


@given(st.tuples(NAMES, NAMES, KEYS), st.tuples(NAMES, NAMES, KEYS))
def test_no_two_places_have_the_same_associated_data(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    of = [Hidden(key, name).associated(space) for space, name, key in (one, other)]
    assert (of[0] == of[1]) == (one == other)


@given(st.dictionaries(st.sampled_from(["encoding", KEY, OWNER, "seal"]), st.binary(max_size=40)))
def test_whatever_a_stranger_writes_there_is_an_answer(metadata: dict[str, bytes]) -> None:
    assert read(metadata) is None or metadata["encoding"] == b"binary/encrypted"


def test_a_name_without_end_is_none() -> None:
    assert read(Hidden("a", "x" * (MOST_NAME + 1)).metadata()) is None
