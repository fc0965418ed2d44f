"""A secret is masked in whatever is printed."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from domain.core.masking import MASK, Masker

secrets = st.text(alphabet="abcXYZ019-_=/+ é", min_size=6, max_size=20).filter(lambda s: len(s.strip()) >= 6)


@given(secrets, st.binary(max_size=30), st.binary(max_size=30), st.integers(1, 7))
def test_a_secret_never_gets_through_however_it_is_cut(secret, before, after, size):
    data = before + secret.encode() + after
    masker = Masker([secret])
    out = b"".join(masker.feed(data[i : i + size]) for i in range(0, len(data), size)) + masker.flush()

    assert secret.encode() not in out
    assert MASK in out


@given(secrets, st.text(alphabet="abc:", max_size=5))
def test_a_secret_is_masked_in_base64_at_any_alignment(secret, before):
    encoded = base64.b64encode((before + secret + "tail").encode())
    masker = Masker([secret])
    out = masker.feed(encoded) + masker.flush()

    assert MASK in out


@given(st.binary(max_size=200), st.integers(1, 9))
def test_without_secrets_nothing_is_changed(data, size):
    masker = Masker(["not-in-there-for-sure"])
    out = b"".join(masker.feed(data[i : i + size]) for i in range(0, len(data), size)) + masker.flush()

    assert out == data
