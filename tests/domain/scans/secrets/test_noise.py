"""Noise and pixels reach no depth of encoding, and hide no text that is encoded too often."""

import base64
import zlib

from hypothesis import example, given
from hypothesis import strategies as st

from domain.scans.secrets.bounds import DEPTH
from domain.scans.secrets.views import Reading, views

PALETTES = st.one_of(st.binary(min_size=1, max_size=16), st.sampled_from([b"3", b"D", b"4B3", b"4CD", b'"D$Bh']))


@st.composite
def pictures(draw) -> bytes:
    """The bytes of a PNG: areas of one colour and of repeated ones."""
    palette = draw(PALETTES)
    pattern = st.lists(st.sampled_from(palette), min_size=1, max_size=6).map(bytes)
    runs = st.lists(st.tuples(pattern, st.integers(1, 90)), min_size=1, max_size=12)
    rows = draw(st.lists(runs, min_size=1, max_size=8))
    raw = b"".join(b"\0" + b"".join(colours * times for colours, times in row) for row in rows)
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0IDAT" + zlib.compress(raw) + b"\0\0\0\0IEND"


def too_deep(data: bytes) -> bool:
    reading = Reading()
    list(views(data, reading))
    return DEPTH in reading.reached.bounds


@given(st.one_of(st.binary(max_size=2_000), st.randoms(use_true_random=False).map(lambda one: one.randbytes(9_000))))
def test_random_bytes_are_not_encoded(data):
    assert not too_deep(data)


@given(pictures())
@example(b"\x89PNG\0" + zlib.compress(b"\0" + b"3" * 2_000 + b"D" * 900))
@example(b"\x89PNG\0" + zlib.compress(b"\0\rE:" + b"43z" * 600))
def test_pixels_are_not_encoded(data):
    assert not too_deep(data)


@given(pictures(), st.text(st.characters(codec="ascii"), max_size=40), st.integers(2, 3))
def test_a_text_that_is_encoded_too_often_is_named_among_pixels(picture, text, more):
    data = f"password = Amsel{text}".encode()
    for _ in range(DEPTH.most + more):
        data = base64.b64encode(data)

    assert too_deep(picture + b" " + data)
