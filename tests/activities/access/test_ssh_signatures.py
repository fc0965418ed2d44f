"""Decisions signed by `ssh-keygen -Y sign`, and everything that is nearly such a signature."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.access import public_keys, ssh_signatures
from domain.approvals.request import NAMESPACE
from domain.core.errors import RefusedError
from tests.support.profile import times

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen")
KINDS = {
    "ed25519": ("-t", "ed25519"),
    "rsa": ("-t", "rsa", "-b", "2048"),
    "ecdsa-256": ("-t", "ecdsa", "-b", "256"),
    "ecdsa-384": ("-t", "ecdsa", "-b", "384"),
    "ecdsa-521": ("-t", "ecdsa", "-b", "521"),
}
TEXT = b"sluiceway/decision/v2\0{}"


def key(folder: Path, kind: str = "ed25519", name: str = "key") -> str:
    """The public key, as it is registered."""
    command = ["ssh-keygen", "-q", *KINDS[kind], "-N", "", "-C", "who", "-f", str(folder / name)]
    subprocess.run(command, check=True)
    return public_keys.kept_form((folder / f"{name}.pub").read_text())


def signed(folder: Path, text: bytes = TEXT, namespace: str = NAMESPACE, *options: str, name: str = "key") -> str:
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(folder / name), "-n", namespace, *options]
    done = subprocess.run(command, input=text, check=True, capture_output=True)
    return ssh_signatures.from_armour(done.stdout.decode())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hashed", ["sha256", "sha512"])
def test_a_signature_of_each_kind_of_key_is_valid_for_its_text_alone(tmp_path: Path, kind: str, hashed: str):
    registered = key(tmp_path, kind)
    signature = signed(tmp_path, TEXT, NAMESPACE, "-O", f"hashalg={hashed}")

    assert public_keys.is_valid(registered, signature, TEXT)
    assert not public_keys.is_valid(registered, signature, TEXT + b" ")


def test_a_signature_for_another_purpose_is_no_decision(tmp_path: Path):
    registered = key(tmp_path)

    assert not public_keys.is_valid(registered, signed(tmp_path, TEXT, "file"), TEXT)
    assert public_keys.is_valid(registered, signed(tmp_path), TEXT)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_cannot_bring_a_key_of_its_own(tmp_path: Path, kind: str):
    registered = key(tmp_path, kind)
    key(tmp_path, kind, "other")

    assert not public_keys.is_valid(registered, signed(tmp_path, name="other"), TEXT)


@settings(max_examples=times(30, 150), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_signature_of_which_any_byte_changed_is_none(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    folder = tmp_path_factory.getbasetemp() / "one-key"
    if not folder.exists():
        folder.mkdir()
        key(folder)
    registered = public_keys.kept_form((folder / "key.pub").read_text())
    whole = base64.b64decode(signed(folder))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    for wrong in (changed, whole[:at], whole + b"x"):
        assert not public_keys.is_valid(registered, base64.b64encode(wrong).decode(), TEXT)


def test_a_plain_signature_of_each_kind_counts_too(tmp_path: Path):
    """As `openssl` makes it."""
    (tmp_path / "d").write_bytes(TEXT)
    for name, made, digest in (("ec", ["ecparam", "-name", "prime256v1", "-genkey", "-noout"], "-sha256"),):
        pem = subprocess.run(["openssl", *made], check=True, capture_output=True).stdout
        (tmp_path / name).write_bytes(pem)
        public = subprocess.run(["openssl", "pkey", "-pubout"], input=pem, check=True, capture_output=True).stdout
        command = ["openssl", "dgst", digest, "-sign", str(tmp_path / name), str(tmp_path / "d")]
        signature = subprocess.run(command, check=True, capture_output=True).stdout
        registered = public_keys.kept_form(public.decode())

        assert public_keys.is_valid(registered, base64.b64encode(signature).decode(), TEXT)
        assert not public_keys.is_valid(registered, base64.b64encode(signature).decode(), b"other")


def test_a_weak_or_strange_key_is_not_registered(tmp_path: Path):
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", str(tmp_path / "weak")], check=True)
    for text in ((tmp_path / "weak.pub").read_text(), "ssh-ed25519 AAAA", "-----BEGIN PUBLIC KEY-----", "", "x"):
        with pytest.raises(RefusedError) as refused:
            public_keys.kept_form(text)
        assert refused.value.code == "SLW024"


def test_a_signature_by_sha_1_is_refused(tmp_path: Path):
    registered = key(tmp_path, "rsa")
    whole = base64.b64decode(signed(tmp_path))
    old = whole.replace(b"rsa-sha2-512", b"ssh-rsa-sha1")
    loaded = public_keys._loaded(registered)

    assert old != whole
    with pytest.raises((InvalidSignature, ValueError)):
        ssh_signatures.verify(loaded, old, NAMESPACE, TEXT)
