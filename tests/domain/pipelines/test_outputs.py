"""What a step writes as an output arrives as it was written, or fails its job with the line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.values import Json
from domain.pipelines.outputs import MAX_BYTES, read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("v=x", "x"),
        ("v=", ""),
        (" v = x ", " x "),
        ("v=a\rb\x0bc\x0cd\u2028e\x85f", "a\rb\x0bc\x0cd\u2028e\x85f"),
        ("v=x\r\n", "x\r"),
        ('v=a=b ${X} "q" $(id) \\n %s', 'a=b ${X} "q" $(id) \\n %s'),
        ("v=1\nv=2\n", "2"),
        ("v<<EOF\nhello\nworld\nEOF\n", "hello\nworld"),
        ("v<<EOF\nEOF", ""),
        ("v<<E=F\na=b\n\nc<<d\nE=F\n", "a=b\n\nc<<d"),
        ("v=x<<EOF", "x<<EOF"),
        ("\n  \nv=x\n\n", "x"),
    ],
)
def test_a_text_arrives_as_it_was_written(written: str, value: str) -> None:
    assert read(written.encode(), {"v": "string"}) == {"v": value}


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20), max_size=4))
def test_any_text_of_several_lines_arrives(lines: list[str]) -> None:
    text = "\n".join(lines)
    if "STOP" not in text.split("\n"):
        assert read(f"v<<STOP\n{text}\nSTOP\n".encode(), {"v": "string"}) == {"v": text}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "99999999999999999999999999", 99999999999999999999999999),
        ("number", "20200219", 20200219),
        ("number", "1.5e3", 1500.0),
        ("object", '{"a":1,"a":2,"b":10000000000000000000000}', {"a": 2, "b": 10000000000000000000000}),
        ("list", '["\\ud83d\\ude80"]', ["🚀"]),
        ("boolean", "true", True),
    ],
)
def test_json_keeps_every_digit_and_character(kind: str, text: str, value: Json) -> None:
    assert read(f"v={text}".encode(), {"v": kind}) == {"v": value}


@pytest.mark.parametrize(
    ("written", "kind", "why"),
    [
        (b"a=1\nfeat: two", "string", "line 2 of the outputs has no '=': 'feat: two'"),
        (b"b=1", "string", "line 1 of the outputs: 'b' is not declared"),
        (b"a<<EOF\nx\n", "string", "line 1 of the outputs: no line ends what begins with 'a<<EOF'"),
        (b"a<<\nx\n\n", "string", "no line ends"),
        (b"a=x\377y", "string", "line 1 of the outputs is not UTF-8, at byte 4"),
        (b"a=x\0y", "string", "NUL byte"),
        (b"", "string", "never written to $SLUICEWAY_OUTPUT: a"),
        (b"a=" + b"x" * MAX_BYTES, "string", "over 64,000 bytes"),
        (b"a=NaN", "number", "NaN is not JSON"),
        (b"a=-Infinity", "number", "-Infinity is not JSON"),
        (b"a=1e400", "number", "more than a number can hold"),
        (b'a=[{"b":1e400}]', "list", "more than a number can hold"),
        (b"a=1_000", "integer", "not of type integer"),
        (b"a=true", "integer", "it is a boolean"),
        (b"a=1.0", "integer", "it is a number with a fraction"),
        (b"a=null", "list", "it is null"),
        (b'a=["\\ud83d"]', "list", "lone surrogate"),
        (b'a={"\\ud83d":1}', "object", "lone surrogate"),
        (b'a=["\\u0000"]', "list", "NUL"),
        (b"a=" + b"[" * 60 + b"]" * 60, "list", "more than 50 levels"),
        (b"a=" + b"[" * 20_000 + b"]" * 20_000, "list", "more than 50 levels"),
        (b"a=" + b"9" * 5_000, "integer", "not of type integer"),
    ],
)
def test_what_cannot_arrive_fails_with_its_line_and_reason(written: bytes, kind: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"outputs|SLUICEWAY_OUTPUT") as refused:
        read(written, {"a": kind})
    assert why in str(refused.value)


@given(st.binary(max_size=60), st.sampled_from(["string", "integer", "number", "boolean", "list", "object"]))
def test_whatever_a_step_writes_is_read_or_refused(written: bytes, kind: str) -> None:
    try:
        found = read(b"v=" + written, {"v": kind})
    except ValueError:
        return
    assert json.loads(json.dumps(found, allow_nan=False)) == found
