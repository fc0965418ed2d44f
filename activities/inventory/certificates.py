"""Certificates of a cluster and their ends: the API server's, and the one that its kubeconfig proves itself by."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from domain.inventory.model import Certificate
from domain.inventory.texts import clean

SERVER, KUBECONFIG = "API server", "kubeconfig"


def certificates(served: bytes, client_file: str) -> tuple[Certificate, ...]:
    """What can be read of them; `served` as DER, the file as PEM."""
    found = [_of_server(served), _of_file(client_file)]
    return tuple(one for one in found if one)


def _of_server(served: bytes) -> Certificate | None:
    try:
        return _told(SERVER, x509.load_der_x509_certificate(served)) if served else None
    except ValueError:
        return None


def _of_file(path: str) -> Certificate | None:
    try:
        return _told(KUBECONFIG, x509.load_pem_x509_certificate(Path(path).read_bytes())) if path else None
    except (OSError, ValueError):
        return None


def _told(name: str, one: x509.Certificate) -> Certificate:
    return Certificate(name=name, until=one.not_valid_after_utc.timestamp(), issuer=clean(one.issuer.rfc4514_string()))
