"""A program is the image's own unless it was written later, lost its file, or never had one; each is said in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.unexpected_processes import Origin, origin, words


@pytest.mark.parametrize(
    ("program", "written", "where", "said"),
    [
        ("/bin/sh", False, Origin.IMAGE, ""),
        ("/tmp/miner", True, Origin.WRITTEN, "/tmp/miner, which is not in its image"),
        ("/tmp/miner (deleted)", False, Origin.DELETED, "/tmp/miner, whose file was deleted"),
        ("/memfd:x (deleted)", False, Origin.MEMORY, "/memfd:x, without a file"),
    ],
)
def test_where_a_program_comes_from(program, written, where, said):
    assert origin(program, written=written) is where
    assert where is Origin.IMAGE or words(program, where) == f"ran: {said}"


@given(st.text(max_size=20), st.booleans())
def test_what_was_written_later_is_never_taken_for_the_images_own(program, written):
    assert origin(program, written=written) is not Origin.IMAGE or not written
