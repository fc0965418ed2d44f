"""Texts about executions, as HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.marked import html

PIECES = st.lists(
    st.sampled_from(["<script>", "`", "**", "[a](/b)", "[", "](", ")", "/", "//e.example", '"', "'", "\n", "\n\n", "# ", "|", "|-|", "x", "&", "javascript:"])
    | st.text(max_size=5)
).map("".join)  # fmt: skip
TAG = re.compile(r'<(?:/?(?:p|h3|code|strong|a|table|t[rhd])|br|a href="/(?!/)[\w%./~-]*" target="_top")>', re.ASCII)


@given(PIECES)
def test_whatever_a_stranger_writes_there_are_our_tags_alone_and_links_lead_to_this_server(text: str) -> None:
    assert not re.search(r"[<>]", TAG.sub("", html(text)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[in the console](/runs/web/7)", '<p><a href="/runs/web/7" target="_top">in the console</a></p>'),
        ("### pipeline web\n\n3 runs so far", "<h3>pipeline web</h3>\n<p>3 runs so far</p>"),
        ("commit `a1` by **ann**\nx", "<p>commit <code>a1</code> by <strong>ann</strong><br>x</p>"),
        ("[x](https://e.example)", "<p>[x](https://e.example)</p>"),
        ("[x](//e.example)", "<p>[x](//e.example)</p>"),
        (
            "|job|took|\n|---|---|\n| ok | **1 s** |",
            "<table><tr><th>job</th><th>took</th></tr><tr><td>ok</td><td><strong>1 s</strong></td></tr></table>",
        ),
        ("", ""),
    ],
)
def test_what_the_engine_writes_is_shown(text: str, shown: str) -> None:
    assert html(text) == shown
