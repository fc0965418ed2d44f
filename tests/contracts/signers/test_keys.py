"""What the signer's keys promise, in files and in a token (SoftHSM, by PKCS#11)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from activities.authority.authority import Keys
from domain.core.errors import DefinitionError, SluicewayError
from tests.support.signers import JOBS, Signing, execution
from workers.signer.keys import FileKeys
from workers.signer.token_keys import TokenKeys

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "7294-of-a-test"
Made = Callable[[], Keys]


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Addresses of two tokens: `whole` has both keys, `half` only that of permits. SoftHSM reads them once a process."""
    if shutil.which("softhsm2-util") is None or not MODULE.exists():
        pytest.skip("this machine has no SoftHSM")
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    (folder / "pin").write_text(PIN)
    permits, attestations = Ed25519PrivateKey.generate(), generate_private_key(SECP256R1())
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOFTHSM2_CONF", str(folder / "conf"))
        made_token(folder, "whole", {"permits": permits, "attestations": attestations})
        made_token(folder, "half", {"permits": permits})
        yield lambda name: f"pkcs11:token={name}?module-path={MODULE}&pin-source=file:{folder / 'pin'}"


def made_token(folder: Path, name: str, keys: Mapping[str, Ed25519PrivateKey | EllipticCurvePrivateKey]) -> None:
    run("--init-token", "--free", "--label", name, "--so-pin", PIN)
    for number, (label, key) in enumerate(keys.items(), 1):
        pem = folder / "key.pem"
        pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        run("--import", str(pem), "--token", name, "--label", label, "--id", f"0{number}")
        pem.unlink()


def run(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments, "--pin", PIN], check=True, capture_output=True, timeout=60)


@pytest.fixture(params=["files", "token"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    """Opens the same keys each time."""
    folder = tmp_path / "signer"
    if request.param == "token":
        address = request.getfixturevalue("tokens")("whole")
        return lambda: TokenKeys(folder, address)
    FileKeys(folder, folder / "attestations.pem", fresh=True)
    return lambda: FileKeys(folder, folder / "attestations.pem", fresh=False)


def test_permits_are_signed_with_ed25519_and_stay_what_they_are(made):
    keys, again = made(), made()
    key = Ed25519PublicKey.from_public_bytes(keys.public())

    key.verify(again.sign(b"a permit"), b"a permit")
    with pytest.raises(InvalidSignature):
        key.verify(keys.sign(b"another"), b"a permit")


def test_attestations_are_signed_with_p256_of_whole_texts(made):
    signer = made().attestations
    key = load_pem_public_key(signer.public_key())
    assert isinstance(key, EllipticCurvePublicKey)

    for text in (b"", b"x", b"y" * 1_000_000):
        key.verify(signer.sign(text), text, ECDSA(SHA256()))


def test_a_signer_works_with_them(made):
    signing = Signing()
    signing.keys = made()
    signing.open()
    signing.begun()

    assert signing.client.permit(execution(JOBS[0])).permit.basis == "plan"
    signing.judged()


def test_other_keys_than_those_that_have_signed_are_an_error(tmp_path, tokens):
    FileKeys(tmp_path, tmp_path / "attestations.pem", fresh=True)

    with pytest.raises(SluicewayError) as refused:
        TokenKeys(tmp_path, tokens("whole"))
    assert refused.value.code == "SLW017"


@pytest.mark.parametrize("harm", [("", ""), ("token=half", "token=no"), ("softhsm2", "nothing"), ("/pin", "/no-pin")])
def test_a_key_that_is_not_in_the_token_is_named_and_none_is_made(tmp_path, tokens, harm):
    with pytest.raises(SluicewayError) as refused:
        TokenKeys(tmp_path, tokens("half").replace(*harm))
    assert refused.value.code == "SLW880"
    assert PIN not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["", "pkcs11:", "pkcs11:token=a", "pkcs11:token=a?module-path=x&pin-source=file:/p"]
)
def test_an_address_that_lacks_a_part_is_refused(tmp_path, address):
    with pytest.raises(DefinitionError, match="SLW503"):
        TokenKeys(tmp_path, address)
