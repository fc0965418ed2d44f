"""The server with a certificate of its own, on a real socket."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from workers.api.checking import certificate_of, readers_of
from workers.api.main import configure
from workers.api.options import Options, bound, entrance_of
from workers.api.parts import Parts

NAME = "ci.example.org"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed one for NAME, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)  # noqa: TID251  (a certificate has a date)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert_file, key_file


async def test_with_a_certificate_browsers_come_by_https_and_stay_with_it(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    link = bound("127.0.0.1:0")
    listen = f"127.0.0.1:{link.getsockname()[1]}"
    options = Options(listen=listen, url=f"https://{NAME}", tls_cert=cert, tls_key=key)
    nothing: Any = None
    parts = Parts(clients=nothing, authenticator=nothing, changes=nothing, origin=options.url)
    server = uvicorn.Server(configure(parts, entrance_of(options), options))
    serving = asyncio.create_task(server.serve([link]))
    while not server.started:
        await asyncio.sleep(0)
    trusted = ssl.create_default_context(cafile=cert)
    reader, writer = await asyncio.open_connection(*link.getsockname(), ssl=trusted, server_hostname=NAME)
    writer.write(f"GET /health HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 120)
    writer.close()
    server.should_exit = True
    await serving

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"strict-transport-security: max-age=31536000" in answer
    assert b"\r\nserver:" not in answer


def test_what_is_said_of_a_certificate_is_what_it_says(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    key.chmod(0o640)
    ends, names = certificate_of(cert)
    assert (names, readers_of(key)) == ((NAME,), "its group")
    assert ends > datetime.now(UTC).timestamp()  # noqa: TID251
    key.chmod(0o600)
    assert readers_of(key) == ""
