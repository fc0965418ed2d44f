"""Which addresses are public, and which lead to a machine's metadata.

Special addresses: the IANA registries of IPv4 and IPv6 special-purpose addresses, and where clouds keep the metadata of
a machine. They are listed here: no patch level of a library decides what is public.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Range = IPv4Network | IPv6Network

METADATA = (
    *("169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),
    *("fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128"),
)
"""Link-local, and where AWS, Azure, Google, Alibaba and Oracle keep metadata elsewhere."""
_NOBODY = ("0.0.0.0/8", "224.0.0.0/3", "::/128", "ff00::/8")
_SPECIAL = (
    *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
    *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24"),
    *("203.0.113.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
)
_MAPPED, _NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
_GLOBAL = IPv6Network("2000::/3")


def ranges(texts: Iterable[str]) -> tuple[Range, ...]:
    """Raises ValueError where one is none."""
    return tuple(map(ip_network, texts))


_NEVER, _CLOSED = ranges((*METADATA, *_NOBODY)), ranges(_SPECIAL)


def read(text: str) -> Address:
    """An address without its zone; an IPv4 address in an IPv6 one that means the same (RFC 4291, 2.5.5.2) as IPv4."""
    address = ip_address(text.partition("%")[0])
    return _last_32(address) if within(address, (_MAPPED,)) else address


def refusal(address: Address, opened: Iterable[Range] = ()) -> str:
    """Why nothing may be sent to an address; empty: it is public, or a range opens it. None opens metadata."""
    if within(address, _NEVER) or (within(address, (_NAT64,)) and within(_last_32(address), _NEVER)):
        return f"{address} is an address of metadata, or of nobody"
    if within(address, opened):
        return ""
    if within(address, _CLOSED) or (isinstance(address, IPv6Address) and address not in _GLOBAL):
        return f"{address} is not public"
    return ""


def within(address: Address, ranges_: Iterable[Range]) -> bool:
    """Whether one of the ranges holds it."""
    return any(address in one for one in ranges_ if one.version == address.version)


def covers(wide: str, narrow: str) -> bool:
    """Whether a range holds all of another one.

    Raises:
        ValueError: one is no range.
    """
    one, other = ip_network(wide), ip_network(narrow)
    same = one.version == other.version
    return same and int(one[0]) <= int(other[0]) and int(other[-1]) <= int(one[-1])


def _last_32(address: Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFF_FFFF)
