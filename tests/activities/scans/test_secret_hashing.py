"""A value that a tool has masked is recognised again, and no part of it is shown."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from activities.scans.secret_hashing import Masked, wholly_masked
from domain.scans.findings.model import Severity
from domain.scans.secrets.second_opinion import severity_of

TOKENS = st.text("abcdefXYZ0123456789-_", min_size=4, max_size=60)


@given(TOKENS, st.integers(1, 3))
def test_a_value_of_which_a_tool_has_masked_only_the_beginning_is_masked_whole(token, known):
    hidden = wholly_masked(f"TOKEN='{'*' * known}{token[known:]}' # x")

    assert hidden == f"TOKEN='{'*' * len(token)}' # x"


def test_the_value_behind_a_mask_is_the_whole_one(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text("x\nTOKEN=xoxb-12-34-abc # x\n")
    said = wholly_masked("TOKEN=*******34-abc # x")

    assert Masked(b"k").hidden_by(said, tmp_path / "a.env", 2) == Masked(b"k").of("xoxb-12-34-abc")


def test_what_is_called_a_password_for_its_name_alone_is_worth_a_note() -> None:
    assert severity_of(b"changeme", "app/a.py", Severity.LOW) is Severity.INFO
    assert severity_of(b"Amsel446nest", "app/a.py", Severity.LOW) is Severity.LOW
    assert severity_of(b"Amsel446nest", "tests/a.py", Severity.LOW) is Severity.INFO
