"""What an authenticator has signed is believed only where all of it says what it has to."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.access.key_proofs import is_proven
from domain.access.keys import KeyKind, KeyProof, PersonKey, signed_by_passkey
from tests.support.passkeys import Passkey

PASSKEY = Passkey()
PROOF = PASSKEY.prove(b"t")


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_a_passkey_signs_its_text_and_no_other(text, other):
    proof = PASSKEY.prove(text)
    assert is_proven(PASSKEY.key, proof, text)
    assert is_proven(PASSKEY.key, proof, other) is (text == other)


@given(st.integers(0, 255))
def test_only_a_verified_person_who_is_there_signs(flags):
    assert is_proven(PASSKEY.key, replace(PASSKEY, flags=flags).prove(b"t"), b"t") is (flags & 5 == 5)


@given(st.sampled_from(("signature", "authenticator_data", "client_data")), st.data())
def test_a_proof_of_which_a_byte_changed_is_none(part, data):
    raw = bytearray(base64.b64decode(getattr(PROOF, part)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    assert not is_proven(PASSKEY.key, replace(PROOF, **{part: base64.b64encode(bytes(raw)).decode()}), b"t")


@given(st.builds(KeyProof, st.text(max_size=50), st.sampled_from(("", "passkey", "browser")), st.text(), st.text()))
def test_whatever_comes_as_a_proof_is_none_and_raises_nothing(proof):
    for kind in KeyKind:
        assert not is_proven(replace(PASSKEY.key, kind=kind), proof, b"t")


@pytest.mark.parametrize("client", ["[]", "null", '"x"', "{}", "[" * 5_000, '{"type":"webauthn.get"}'])
def test_a_strange_document_of_a_client_is_refused(client):
    proof = replace(PASSKEY.prove(b"t"), client_data=base64.b64encode(client.encode()).decode())
    assert not is_proven(PASSKEY.key, proof, b"t")


def test_a_key_without_an_origin_is_asked_by_nobody():
    with pytest.raises(ValueError, match="another origin"):
        signed_by_passkey(PASSKEY.prove(b"t"), replace(PASSKEY.key, origin=""), b"t")


def test_a_fingerprint_does_not_depend_on_a_comment():
    line = PASSKEY.key.public
    assert PersonKey(kind=KeyKind.SSH, public=f"{line} me@home").fingerprint == PASSKEY.key.fingerprint
