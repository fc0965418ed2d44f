"""What the scanners' parsers cannot read is written so that they can, and means the same."""

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files.newer_syntax import has_numbers_behind_questions, with_numbers_apart


@given(
    st.text(st.sampled_from("ab?.07:'\"/`\\\n "), max_size=30), st.sampled_from(["javascript", "typescript", "python"])
)
def test_a_number_after_a_question_mark_stands_apart_in_javascript_and_nothing_else_changes(text, language):
    made = with_numbers_apart(text, language)

    assert made.replace(" ", "") == text.replace(" ", "")
    assert has_numbers_behind_questions(text.encode(), language) is (made != text)
    assert with_numbers_apart(made, language) == made
    assert language == "python" or not any(f"?.{digit}" in made for digit in "07")
    assert language != "python" or made == text
