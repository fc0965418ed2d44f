"""Durations in the words of a language, and sentences with code in them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from workers.console import formats, i18n
from workers.console.rendering import prose

KOREAN = tuple(map(i18n.catalog("ko").gettext, formats.UNITS))


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (0, "0 s", "0초"),
        (4.56, "4.6 s", "4.6초"),
        (9.96, "10 s", "10초"),
        (42.2, "42 s", "42초"),
        (900, "15 min 0 s", "15분 0초"),
        (7_500, "2 h 5 min", "2시간 5분"),
        (273_600, "3 d 4 h", "3일 4시간"),
    ],
)
def test_a_duration_has_the_units_of_the_language(seconds: float, english: str, korean: str):
    assert (formats.duration(seconds), formats.duration(seconds, KOREAN)) == (english, korean)


@given(st.floats(0, 1e9))
def test_a_duration_is_what_its_parts_sum_up_to(seconds: float):
    sizes = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
    parts = re.findall(r"([\d.]+) (\w+)", formats.duration(seconds))
    least = sizes[parts[-1][1]] if len(parts) > 1 else 1
    assert abs(sum(float(count) * sizes[unit] for count, unit in parts) - seconds) <= least


@given(st.text("a`<&", max_size=30), st.booleans())
def test_prose_marks_what_stands_in_backticks_and_nothing_in_it_is_markup(text: str, translated: bool):
    shown = str(escape(prose(escape(text) if translated else text)))
    assert Markup(shown.replace("<code>", "`").replace("</code>", "`")).unescape() == text
    assert "<" not in shown.replace("<code>", "").replace("</code>", "")
    assert ("`" in shown) == bool(text.count("`") % 2)
