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
    assert len({matrix.cell_id("j", cell) for cell in made}) == len(made)


def test_exclude_takes_out_and_include_adds() -> None:
    made = matrix.cells({"a": [1, 2], "b": [1]}, include=[{"a": 9}], exclude=[{"a": 1}])

    assert made == [{"a": 2, "b": 1}, {"a": 9}]
