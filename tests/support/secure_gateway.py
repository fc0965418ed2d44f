"""A Gateway whose only listener ends TLS, beside a cluster's own: the same process serves both, at the same port."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.clusters.beside import gateway, outside
from domain.core.documents import Manifest, Node
from tests.support.release_cluster import ReleaseCluster

NAME = "secure"
"""Of the Gateway, and of its certificate's Secret."""
_HERE: Manifest = {"name": NAME, "namespace": gateway.NAMESPACE}


def secret(name: str, days: int = 90) -> dict[str, str]:
    """A certificate for a DNS name, signed by itself, with its key, as a Secret has them; `days`: until it ends."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.fromtimestamp(time.time(), UTC)
    # two of one subject are one authority's to OpenSSL, which then tries one key alone
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, secrets.token_hex(8))])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files = {"tls.crt": made.public_bytes(Encoding.PEM), "tls.key": pem}
    return {file: base64.b64encode(data).decode() for file, data in files.items()}


def present(edge: ReleaseCluster, data: dict[str, str]) -> None:
    """Its listener has this certificate."""
    edge.kube.apply(
        {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": _HERE, "data": data}
    )


@contextmanager
def beside(edge: ReleaseCluster, trusted: Path) -> Iterator[ReleaseCluster]:
    """The cluster with that Gateway in the place of its own. `trusted`: certificates that clients believe."""
    where, _, port = edge.entry.rpartition(":")
    own = Node(edge.kube.get("v1", "Service", gateway.NAME, gateway.NAMESPACE)).at("spec", "ports")
    ports = {one["name"].text(): (one["port"].whole(),) * 2 for one in own}
    listener: Manifest = {
        "name": "https",
        "protocol": "HTTPS",
        "port": int(port),
        "tls": {"certificateRefs": [{"name": NAME}]},
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }
    spec: Manifest = {"gatewayClassName": "traefik", "listeners": [listener]}
    here: Manifest = {"apiVersion": f"{gateway.GROUP}/v1", "kind": "Gateway", "metadata": _HERE, "spec": spec}
    reached = outside.address(gateway.NAMESPACE, NAME, where, ports, {gateway.GATEWAY_NAME: NAME})
    for one in (here, *reached):
        edge.kube.apply(one)
    yield replace(edge, listens=NAME, trusted=trusted)
    for kind in (("v1", "Service"), ("v1", "Secret"), (f"{gateway.GROUP}/v1", "Gateway")):
        edge.kube.delete(*kind, NAME, gateway.NAMESPACE)
