"""Where the server may listen, under which address people find it, and who a request comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

LOCAL_NAME = "sluiceway.localhost"
"""A host name of its own (RFC 6761: it is always this machine), so that no other port or service gets its cookies."""


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """The one way in."""

    host: str
    """Address that is listened on."""
    port: int
    url: str
    """Origin that people's browsers show: `https://ci.example.org`."""
    tls: bool = False
    """Whether the server has a certificate of its own."""
    trusted_proxy: str = ""
    """Address of the one proxy that ends TLS; empty: none."""

    @property
    def secure(self) -> bool:
        """Whether browsers come by https."""
        return self.url.startswith("https://")

    @property
    def authority(self) -> str:
        """Host and port, as a request's Host header has them."""
        return urlsplit(self.url).netloc

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Of an address; a name is none."""
    found = _address(host)
    return found is not None and found.is_loopback


def local_url(port: int, *, tls: bool = False) -> str:
    """The origin of a server on this machine."""
    return f"{'https' if tls else 'http'}://{LOCAL_NAME}:{port}"


def unsafe(entrance: Entrance) -> str:
    """Why the server must not listen so; empty: it may."""
    if _address(entrance.host) is None:
        return f"'{entrance.host}' is no address of an interface"
    if entrance.trusted_proxy and _address(entrance.trusted_proxy) is None:
        return f"'{entrance.trusted_proxy}' is not one address: one proxy is trusted, and no network"
    if not entrance.loopback and not entrance.tls and not entrance.trusted_proxy:
        return f"{entrance.host} is reached from other machines, and neither a certificate nor a proxy is named"
    return ""


def wrong_url(entrance: Entrance) -> str:
    """Why people must not come by this origin; empty: they may."""
    parts = urlsplit(entrance.url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return "it is not http://NAME or https://NAME"
    if parts.path or parts.query or parts.fragment:
        return "an origin has no path"
    if _address(host) is not None or host == "localhost":
        return "every service on that address would get the cookies of people"
    if not entrance.loopback and parts.scheme != "https":
        return "from other machines, people come by https"
    if entrance.tls and parts.scheme != "https":
        return "the server has a certificate, and speaks https"
    return ""


def client_address(peer: str, forwarded_for: Sequence[str], trusted_proxy: str) -> str:
    """Who a request comes from: the peer itself, or what the trusted proxy has added at the end.

    `forwarded_for`: all X-Forwarded-For headers. What stands further to the left is a client's own invention.
    """
    if not trusted_proxy or not _same(peer, trusted_proxy):
        return peer
    last = ",".join(forwarded_for).rpartition(",")[2].strip()
    found = _address(last)
    return str(found) if found is not None else peer


def may_connect(entrance: Entrance, peer: str) -> bool:
    """Whether a peer may send requests: past a trusted proxy, only this machine gets in without TLS."""
    if entrance.tls or not entrance.trusted_proxy:
        return True
    return _same(peer, entrance.trusted_proxy) or is_loopback(peer)


def network_of(address: str) -> str:
    """What a limit by address counts: an IPv4 address, or the /64 of an IPv6 one, which one client has as a whole."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found) if found is not None else "unknown"


def _same(one: str, other: str) -> bool:
    return _address(one) == _address(other) is not None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """IPv4 in IPv6 (`::ffff:10.0.0.1`) is IPv4."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
