"""What a session may use, what of a stranger's output reaches a terminal, and which input is recorded."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.errors import DefinitionError
from domain.pods.echoed import EchoedInput
from domain.pods.exec_session import (
    IDLE_S,
    LONGEST_S,
    MOST_AT_ONCE,
    MOST_OF_A_PERSON,
    MOST_SIDE,
    ExecTarget,
    Pace,
    checked,
    over,
    side,
    too_many,
)
from domain.pods.terminal_filter import TerminalFilter

TARGET = ExecTarget(cluster="edge", namespace="default", pod="web-7d9.x", container="main")
REACHES = re.compile(
    r"\x1b[\]PX^_kZ%]|[\x05\x80-\x9f]"
    r"|\x1b\[(?:[0-?]*[ -/]*[cintxy]|[0-?]*[!-/]+[pquw|]|[0-?]*q|[<-?][0-?]*[ -/]*[mnuST])"
)
WITHIN = re.compile(r"[\x00-\x04\x06-\x17\x19\x1c-\x1f\x7f]")
PIECES = [
    b"\x1b",
    b"\n",
    b"\x07",
    b"\x7f",
    b"\x18",
    b"\xc2",
    b"\xe2",
    b"\x9d",
    b"\x9b",
    b"]",
    b"[",
    b"(",
    b"%",
    b"?",
    b"$",
    b"6",
    b"n",
    b"p",
]


def filtered(*parts: bytes) -> bytes:
    one = TerminalFilter()
    return b"".join(one.pass_on(part) for part in parts)


def reaching(output: bytes) -> re.Match[str] | None:
    """As a terminal reads it: control characters within a sequence act at once, and the sequence goes on (ECMA-48)."""
    return REACHES.search(WITHIN.sub("", output.decode("utf-8", "replace")))


@pytest.mark.parametrize(
    "odd",
    [
        {"cluster": "../x"},
        {"namespace": "kube system"},
        {"pod": "web?stdin=false"},
        {"pod": "..;"},
        {"container": ""},
        {"command": ()},
        {"command": ("",)},
        {"command": ("sh", "a\0b")},
        {"command": ("x" * 4_001,)},
        {"command": ("x",) * 101},
    ],
)
def test_what_is_no_command_in_a_container_is_refused(odd: dict[str, Any]) -> None:
    assert checked(TARGET) == TARGET
    with pytest.raises(DefinitionError, match="SLW463"):
        checked(replace(TARGET, **odd))


@given(st.integers(), st.integers(0, 10), st.integers(0, 100))
def test_sides_and_numbers_are_bounded(value: int, mine: int, every: int) -> None:
    assert 1 <= side(value) <= MOST_SIDE
    assert bool(too_many(mine, every)) == (mine >= MOST_OF_A_PERSON or every >= MOST_AT_ONCE)


@given(st.floats(0, LONGEST_S * 2), st.floats(0, LONGEST_S * 2))
def test_a_session_ends_by_itself(used: float, now: float) -> None:
    assert bool(over(0, used, now)) == (now >= LONGEST_S or now - used >= IDLE_S)


@given(st.lists(st.integers(0, 200_000), max_size=50))
def test_never_more_than_a_second_ahead_of_the_pace(sizes: list[int]) -> None:
    pace, now, sent = Pace(100_000), 0.0, 0
    for size in sizes:
        now += pace.wait(size, now)
        sent += size
        assert sent <= 100_000 * (now + 1) + 1


@pytest.mark.parametrize(
    "reaches",
    [
        b"\x1b]0;title\x07",
        b"\x1b]52;c;cm0gLXJmIC8=\x1b\\",
        b"\x1b]8;;javascript:alert(1)\x1b\\",
        b"\x1bP$qm\x1b\\",
        b"\x1b_app\x1b\\",
        b"\x1b^pm\x1b\\",
        b"\x1bXsos\x1b\\",
        "\x9d52;c;eA==\x9c".encode(),
        b"\x1b[21t",
        b"\x1b[6n",
        b"\x1b[>c",
        b"\x1b[?1$p",
        "\x9b6n".encode(),
        b"\x05",
        b"\x1bZ",
        b"\x1b[" + b"1;" * 100 + b"t",
        b"\x1b\n]52;c;eA==\x07",
        b"\x1b\x7f[6n",
        b"\x1b\xc2\x9d52;c;eA==\x07",
        b"\x1b%@\x9d52;c;eA==\x07",
        b"\x1bktitle\x1b\\",
        b"\x1b[x",
        b"\x1b[5i",
        b"\x1b[?u",
        b"\x1b[1$w",
    ],
)
def test_what_reaches_beyond_the_text_is_left_out(reaches: bytes) -> None:
    whole = filtered(b"a" + reaches + b"b")
    assert (whole[:1], whole[-1:]) == (b"a", b"b")
    assert reaching(b"a" + reaches + b"b")
    assert not reaching(whole)
    assert filtered(*(bytes((one,)) for one in b"a" + reaches + b"b")) == whole


@given(st.text(st.characters(blacklist_characters="\x05\x1b", blacklist_categories=["Cs", "Cc"])))
def test_plain_text_passes_as_it_is(text: str) -> None:
    assert filtered(text.encode()) == text.encode()


@pytest.mark.parametrize(
    "style", [b"\x1b[1;31m", b"\x1b[2J\x1b[H", b"\x1b[?1049h", b"\x1b[4 q", b"\x1b(B", b"\x1b7\x1b8"]
)
def test_colours_cursor_and_screens_stay(style: bytes) -> None:
    assert filtered(style) == style


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=30))
def test_no_bytes_of_a_stranger_reach_beyond_the_text(parts: list[bytes]) -> None:
    assert not reaching(filtered(*parts))


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1))
def test_a_password_is_not_recorded(password: str) -> None:
    one = EchoedInput()
    for letter in f"{password}\r":
        one.typed(letter)
    assert one.shown("\r\n") == "\r"
    one.typed("ls\r")
    assert one.shown("l") + one.shown("s") + one.shown("\r\n") == "ls\r"


def test_what_the_terminal_shows_of_the_input_is_recorded() -> None:
    one = EchoedInput()
    told = []
    for letter in "ls":
        one.typed(letter)
        told.append(one.shown(letter))
    one.typed("\r")
    told.append(one.shown("\r\nfile\r\n$ "))
    assert told == ["l", "s", "\r"]


@given(st.lists(st.tuples(st.booleans(), st.text(st.sampled_from("abc\r\n"), max_size=5)), max_size=30))
def test_only_what_was_typed_is_recorded_and_it_is_bounded(steps: list[tuple[bool, str]]) -> None:
    one, typed, told = EchoedInput(), "", ""
    for is_input, text in steps:
        if is_input:
            one.typed(text)
            typed += text
        else:
            told += one.shown(text)
    rest = iter(typed)
    assert all(letter in rest for letter in told)
