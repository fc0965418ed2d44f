"""Payloads that are encrypted and opened."""

from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from workers.core.hidden_payloads import hide, opened
from workers.core.keyring import Keyring

RING, OTHER = Keyring.ephemeral(), Keyring.ephemeral()
DATA = st.binary(max_size=2_000)


def hidden(data: bytes) -> Payload:
    payload = Payload(metadata={"encoding": b"json/plain", "seal": b"s"}, data=data)
    hide(RING, "default", "run/web/1", payload)
    return payload


@given(DATA)
def test_it_opens_to_what_it_was_with_all_that_stood_beside_it(data: bytes) -> None:
    found = opened(RING, "default", hidden(data))
    assert (found.data, dict(found.metadata)) == (data, {"encoding": b"json/plain", "seal": b"s"})


@given(DATA, st.data())
def test_what_is_changed_anywhere_does_not_open(data: bytes, draw: st.DataObject) -> None:
    payload = hidden(data)
    place = draw.draw(st.integers(0, len(payload.data) - 1))
    bits = draw.draw(st.integers(1, 255))
    changed = bytearray(payload.data)
    changed[place] ^= bits
    payload.data = bytes(changed)
    assert opened(RING, "default", payload) is payload


def test_neither_another_namespace_nor_another_home_opens_it() -> None:
    payload = hidden(b"x")
    assert opened(RING, "other", payload) is payload
    assert opened(OTHER, "default", payload) is payload


def test_no_two_are_alike() -> None:
    assert len({hidden(b"x").data for _ in range(100)}) == 100


@given(DATA)
def test_what_is_not_encrypted_stays(data: bytes) -> None:
    payload = Payload(metadata={"encoding": b"json/plain"}, data=data)
    assert opened(RING, "default", payload) is payload
