"""Signed statements: what was changed, swapped or signed by somebody else is not believed."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.storage.stores.folder import FolderStore
from activities.supply_chain.attestations import Attestor, envelope, opened
from activities.supply_chain.signing import FileSigner
from domain.core.errors import SluicewayError
from domain.supply_chain import attestation
from workers.core.records import Records

BOUND = {"pipeline": "web", "job": "s", "commit": "c0ffee"}


@pytest.fixture(scope="module")
def signer(tmp_path_factory) -> FileSigner:
    return FileSigner.made(tmp_path_factory.mktemp("keys") / "signing.pem")


@pytest.fixture
def attestor(tmp_path, signer) -> Attestor:
    return Attestor(signer, Records.at(tmp_path / "records.db").attestations, FolderStore(tmp_path / "store"))


def test_what_was_signed_here_for_exactly_this_is_believed(attestor):
    report = attestor.store.put(b"a report")
    attestor.attest(attestation.SCAN, {"object": report}, BOUND)

    assert attestor.complaint(attestation.SCAN, report, BOUND) == ""


@pytest.mark.parametrize("name", BOUND)
def test_a_report_is_of_no_use_for_another_commit_pipeline_or_job(attestor, name):
    report = attestor.store.put(b"a report")
    attestor.attest(attestation.SCAN, {"object": report}, BOUND)

    assert name in attestor.complaint(attestation.SCAN, report, {**BOUND, name: "other"})
    assert attestor.complaint(attestation.GATE, report, BOUND)


def test_an_envelope_of_another_report_is_not_believed(attestor):
    one, two = attestor.store.put(b"one"), attestor.store.put(b"two")
    made = attestor.attest(attestation.SCAN, {"object": one}, BOUND)
    attestor.records.save(two, attestation.SCAN, made)

    assert "not about" in attestor.complaint(attestation.SCAN, two, BOUND)


def test_what_another_installation_has_signed_is_not_believed(attestor, tmp_path):
    report = attestor.store.put(b"a report")
    other = Attestor(FileSigner.made(tmp_path / "other.pem"), attestor.records, attestor.store)
    other.attest(attestation.SCAN, {"object": report}, BOUND)

    assert "trusted" in attestor.complaint(attestation.SCAN, report, BOUND)


def test_an_unsigned_report_and_a_lost_signature_are_not_believed(attestor):
    report = attestor.store.put(b"a report")

    assert "unsigned" in attestor.complaint(attestation.SCAN, report, BOUND)
    attestor.records.save(report, attestation.SCAN, "0" * 64)
    assert attestor.complaint(attestation.SCAN, report, BOUND)


@pytest.fixture(scope="module")
def whole(signer) -> bytes:
    return envelope(signer, attestation.statement(attestation.SCAN, {"object": "ab"}, BOUND))


@given(st.data())
def test_no_byte_of_an_envelope_can_be_changed(signer, whole, data):
    at = data.draw(st.integers(0, len(whole) - 1))
    new = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[at]))
    changed = whole[:at] + bytes([new]) + whole[at + 1 :]
    try:
        found = opened(changed, [signer.public_key()])
    except ValueError:
        return
    assert found == opened(whole, [signer.public_key()])  # only the key's name, which proves nothing, was changed


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_an_envelope_or_are_refused(signer, data):
    with pytest.raises(ValueError):  # noqa: PT011
        opened(data, [signer.public_key()])


def test_the_encoding_that_is_signed_is_that_of_the_specification() -> None:
    assert attestation.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_the_private_key_can_be_read_by_its_owner_only_and_a_broken_one_is_an_error(tmp_path):
    signer = FileSigner.made(tmp_path / "keys" / "signing.pem")
    signer.sign(b"x")

    assert (tmp_path / "keys" / "signing.pem").stat().st_mode & 0o077 == 0
    (tmp_path / "broken.pem").write_text("no key")
    with pytest.raises(SluicewayError, match="SLW880: the signing key"):
        FileSigner.made(tmp_path / "broken.pem").sign(b"x")


def test_an_envelope_has_the_shape_that_other_tools_read(signer):
    made = json.loads(envelope(signer, attestation.statement(attestation.SCAN, {"object": "ab"}, BOUND)))

    assert made["payloadType"] == "application/vnd.in-toto+json"
    statement = json.loads(base64.b64decode(made["payload"]))
    assert statement["subject"] == [{"name": "object", "digest": {"sha256": "ab"}}]
