"""The cells of a matrix."""

from hypothesis import given
from hypothesis import strategies as st

from domain.pipelines import matrix

axes = st.dictionaries(
    st.sampled_from("abc"), st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True), max_size=3
)


@given(axes)
def test_a_matrix_has_every_combination_once(given_axes):
    made = matrix.cells(given_axes)

    assert len(made) == matrix.count(given_axes)
    assert len(set(matrix.ids("j", made))) == len(made)


def test_exclude_takes_out_and_include_adds() -> None:
    made = matrix.cells({"a": [1, 2], "b": [1]}, include=[{"a": 9}], exclude=[{"a": 1}])

    assert made == [{"a": 2, "b": 1}, {"a": 9}]


values = st.one_of(
    st.sampled_from(
        ["1", "true", "a,b=1", "[x]", "a/b", "..", "", "x\ny", "\ud800", "a" * 300, "a" * 299 + "b", "é🚀"]
    ),
    st.sampled_from([1, 1.0, True, 3.1]),
    st.text(max_size=8),
)


@given(st.dictionaries(st.sampled_from("ab"), st.lists(values, min_size=1, max_size=5), min_size=1))
def test_no_two_cells_share_a_key_or_an_id_and_an_id_is_the_name_of_a_file(given_axes):
    made = matrix.cells(given_axes)
    ids = matrix.ids("test", made)

    assert len(set(ids)) == len(set(matrix.keys(made))) == len(made)
    assert all("/" not in id_ and id_.isprintable() | (not id_.isascii()) for id_ in ids)
    assert all(len(id_.encode()) <= 255 and "\n" not in id_ for id_ in ids)


def test_texts_and_numbers_that_look_the_same_are_told_apart() -> None:
    made = matrix.cells({"v": [1, "1", True, "true", 1.0, "a", "a"]})

    assert matrix.ids("t", made) == ["t[v=1]", 't[v="1"]', "t[v=true]", 't[v="true"]', "t[v=1.0]", "t[v=a]"]


def test_a_value_stays_as_it_is_in_the_key_and_is_safe_in_the_id() -> None:
    made = matrix.cells({"v": ["[x]", "a/b", "x\ny"]})

    assert matrix.keys(made) == ["v=[x]", "v=a/b", "v=x\ny"]
    assert matrix.ids("t", made) == ["t[v=[x]]", "t[v=a%2Fb]", "t[v=x%0Ay]"]


def test_a_comma_in_a_value_is_no_other_axis() -> None:
    made = [{"v": "a,w=b", "w": "c"}, {"v": "a", "w": "b,w=c"}]

    assert matrix.keys(made) == ['v="a,w=b",w="c"', 'v="a",w="b,w=c"']


def test_an_entry_matches_values_of_its_own_kind() -> None:
    assert matrix.cells({"v": [1, "1", True]}, exclude=[{"v": True}]) == [{"v": 1}, {"v": "1"}]
