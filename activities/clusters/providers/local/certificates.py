"""The certificates of a control plane: a CA for the API, one for etcd, and one certificate per component.

Roles as in "PKI certificates and requirements" of Kubernetes: the common name is the user, the organisation the group.
Source: https://kubernetes.io/docs/setup/best-practices/certificates/
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from activities.core.files import write_atomically

VALID = datetime.timedelta(days=3650)
LEAF_VALID = datetime.timedelta(days=365)
BEFORE = datetime.timedelta(minutes=5)
"""Tolerates clock skew between machines."""


@dataclass(frozen=True)
class Pki:
    """`NAME.crt` and `NAME.key` in one folder. Existing files are kept."""

    folder: Path

    def crt(self, name: str) -> str:
        """Path of a certificate, as programs take it on their command line."""
        return str(self.folder / f"{name}.crt")

    def key(self, name: str) -> str:
        """Path of a private key, as programs take it on their command line."""
        return str(self.folder / f"{name}.key")

    def authority(self, name: str) -> None:
        """Creates a self-signed CA with a P-256 key, unless it exists."""
        if self._there(name):
            return
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"sluiceway {name}")])
        basic = x509.BasicConstraints(ca=True, path_length=0)
        made = _builder(subject, subject, key.public_key(), VALID).add_extension(basic, critical=True)
        self._keep(name, key, made.sign(key, hashes.SHA256()))

    def leaf(self, name: str, authority: str, user: str, group: str = "", hosts: Sequence[str] = ()) -> None:
        """Creates a client certificate; with `hosts` (names and addresses) also for a server."""
        if self._there(name):
            return
        parent = x509.load_pem_x509_certificate(Path(self.crt(authority)).read_bytes())
        signer = serialization.load_pem_private_key(Path(self.key(authority)).read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        words = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
        words += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if hosts else [])]
        made = _builder(x509.Name(words), parent.subject, key.public_key(), LEAF_VALID)
        made = made.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        if hosts:
            made = made.add_extension(x509.SubjectAlternativeName([_host(one) for one in hosts]), critical=False)
        self._keep(name, key, made.sign(signer, hashes.SHA256()))

    def service_accounts(self) -> None:
        """The key pair that signs service account tokens: `sa.key` and `sa.pub`."""
        if (self.folder / "sa.pub").exists():
            return
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        _write(self.folder / "sa.key", _pem(key))
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        _write(self.folder / "sa.pub", public)

    def _there(self, name: str) -> bool:
        return Path(self.crt(name)).exists()

    def _keep(self, name: str, key: ec.EllipticCurvePrivateKey, made: x509.Certificate) -> None:
        """Writes the key first: an existing certificate means that both exist."""
        _write(Path(self.key(name)), _pem(key))
        _write(Path(self.crt(name)), made.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, valid: datetime.timedelta
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)  # noqa: TID251  (what is valid is said in wall time)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now + valid)
    )


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes) -> None:
    """Readable by the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(path, data)
