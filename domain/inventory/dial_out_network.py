"""Whom the worker in a cluster that dials out reaches, and who reaches it: the server and the API server; nobody."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from domain.core.documents import Manifest

API_PORTS = (443, 6443)
"""Of API servers whose address nobody told: policies count after a service's address was replaced by theirs."""
DNS = 53


class Endpoint(NamedTuple):
    """An address that a policy can name. `network`: `192.0.2.7/32`; empty: any, for the address has a name."""

    network: str
    port: int


def endpoint_of(text: str, port: int = 0) -> Endpoint:
    """Of `ADDRESS:PORT`, or of a URL. `port`: where it says none.

    Raises:
        ValueError: it is no address with a port.
    """
    parts = urlsplit(text if "://" in text else f"//{text}")
    found = parts.port or (443 if parts.scheme == "https" else port)
    if not parts.hostname or not found:
        raise ValueError(f"'{text}' is not ADDRESS:PORT")
    try:
        return Endpoint(str(ipaddress.ip_network(parts.hostname)), found)
    except ValueError:
        return Endpoint("", found)


def host_of(url: str) -> str:
    """The name in it."""
    return urlsplit(url).hostname or ""


def server_endpoint(url: str, address: str = "") -> Endpoint:
    """Of a server by its URL; `address`: its own, where the URL has a name."""
    found = endpoint_of(url, 80)
    return Endpoint(str(ipaddress.ip_network(address)), found.port) if address else found


def policy_spec(labels: dict[str, str], server: Endpoint, apis: Sequence[Endpoint]) -> Manifest:
    """Of its NetworkPolicy: a kubelet asks its probes all the same, for a node always reaches its own pods."""
    reached = [server, *(apis or [Endpoint("", port) for port in API_PORTS])]
    names = {"ports": [{"protocol": protocol, "port": DNS} for protocol in ("UDP", "TCP")]}
    return {
        "podSelector": {"matchLabels": labels},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [names, *map(_to, reached)],
    }


def _to(one: Endpoint) -> Manifest:
    rule: dict[str, Any] = {"ports": [{"protocol": "TCP", "port": one.port}]}
    return {**rule, "to": [{"ipBlock": {"cidr": one.network}}]} if one.network else rule
