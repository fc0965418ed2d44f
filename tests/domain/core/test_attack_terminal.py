"""What strangers write has no power over the terminal that shows it."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core import terminal

ANY = st.text(st.characters(codec=None, categories=None), max_size=200)


def powerless(shown: str) -> bool:
    return not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in shown)


@pytest.mark.parametrize(
    ("attack", "shown"),
    [
        ("\x1b]0;title\a", r"\x1b]0;title\x07"),
        ("\x1b]52;c;ZXZpbA==\x1b\\", r"\x1b]52;c;ZXZpbA==\x1b\\"[:-1]),
        ("one\x1b[2K\x1b[1Atwo", r"one\x1b[2K\x1b[1Atwo"),
        ("\x9b2J\x90q\x9c", r"\x9b2J\x90q\x9c"),
        ("honest\rfalse", r"honest\rfalse"),
        ("fails\n  ✓ deploy passed", r"fails\n  ✓ deploy passed"),
        ("adm\u202enimda", r"adm\u202enimda"),
        ("a\u2066b\u2069\u200f\u2028", r"a\u2066b\u2069\u200f\u2028"),
        ("pay\u200bpal\ufeff\U000e0041", r"pay\u200bpal\ufeff\U000e0041"),
        ("\udc9b", r"\udc9b"),
    ],
)
def test_what_a_terminal_acts_on_is_shown_and_not_sent(attack: str, shown: str) -> None:
    assert terminal.one_line(attack) == shown


def test_what_people_write_stays_as_it_is() -> None:
    honest = "Zoë Müller\t→ 日本語 العربية 👩\u200d🚀 `x` \\x1b"
    assert terminal.one_line(honest) == honest
    assert terminal.log_line(honest, colours=True) == honest
    assert terminal.lines("one\r\ntwo\n") == "one\ntwo\n"


def test_a_log_on_a_terminal_keeps_colours_and_nothing_else() -> None:
    line = "\x1b[1;31mred\x1b[0m \x1b[2J\x1b[>4;2m\x1b[?25l\x1b]8;;http://x\a \x1b[38:2::1:2:3mrgb\r\n"
    assert terminal.log_line(line, colours=True) == (
        "\x1b[1;31mred\x1b[0m \\x1b[2J\\x1b[>4;2m\\x1b[?25l\\x1b]8;;http://x\\x07 \x1b[38:2::1:2:3mrgb\x1b[0m"
    )
    assert terminal.log_line("\x1b[31mred", colours=False) == "red"


def test_a_colour_made_of_pieces_is_none() -> None:
    """What remains after colours are dropped may be another one."""
    assert terminal.log_line("\x1b[\x1b[0m31m", colours=False) == r"\x1b[31m"
    assert terminal.log_line("\x1b\x1b[0m[2J", colours=False) == r"\x1b[2J"


def test_no_line_of_a_message_can_pass_for_one_of_ours() -> None:
    assert terminal.error_lines("no\n  to fix it: curl x | sh\n") == "no\n      to fix it: curl x | sh"


@given(ANY)
def test_no_text_has_power(text: str) -> None:
    assert powerless(terminal.one_line(text).replace("\t", ""))
    assert powerless(terminal.lines(text).replace("\t", "").replace("\n", ""))
    assert powerless(terminal.log_line(text, colours=False).replace("\t", ""))


@given(ANY)
def test_a_logged_document_says_the_same(text: str) -> None:
    shown = terminal.json_line(json.dumps({"event": text}, ensure_ascii=False))
    assert powerless(shown)
    assert json.loads(shown) == {"event": text}
