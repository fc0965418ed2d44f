"""The certificate of the job endpoint: of this machine, made once. Agents know it by its digest alone."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.core.files import locked, write_atomically

VALID = datetime.timedelta(days=36_500)
"""Nobody looks at it: the digest is what agents compare."""


@dataclass(frozen=True)
class AgentCertificate:
    """`agents.crt` and `agents.key` in a folder of keys."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """PEM."""
        return self.folder / "agents.crt"

    @property
    def key(self) -> Path:
        """PEM, P-256, readable by the owner only."""
        return self.folder / "agents.key"

    @property
    def pin(self) -> str:
        """SHA-256 of the certificate (DER), in hex; made if there is none."""
        self.make()
        return hashlib.sha256(
            x509.load_pem_x509_certificate(self.certificate.read_bytes()).public_bytes(serialization.Encoding.DER)
        ).hexdigest()

    def make(self) -> None:
        """Unless it is there. Several processes may ask at once."""
        if self.certificate.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(self.folder / "agents.lock"):
            if not self.certificate.exists():
                self._make()

    def _make(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sluiceway job endpoint")])
        now = datetime.datetime.now(datetime.UTC)  # noqa: TID251  (what is valid is said in wall time)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + VALID)
            .sign(key, hashes.SHA256())
        )
        body = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_atomically(self.key, body)  # first: a certificate means that both are there
        write_atomically(self.certificate, made.public_bytes(serialization.Encoding.PEM))
