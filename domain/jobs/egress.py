"""What a job reaches through its proxy: the hosts of a list, and no address of this machine or of its networks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from domain.core import addresses
from domain.core.addresses import Range

WEB_PORTS = (80, 443)
"""Of an entry that names none."""
ANY = "*"
MAX_NAME = 253
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""The last label of what programs read as an IPv4 address: `127.1`, `0x7f000001`, `2130706433`, `0177.0.0.1`."""


class HostError(ValueError):
    """A text names no host, or no entry of a list of hosts."""


@dataclass(frozen=True)
class Host:
    """An entry of a list: `NAME`, `*.NAME` (what is below it) or `*`, with `:PORT` or for the ports of the web."""

    name: str
    ports: tuple[int, ...] = WEB_PORTS

    def holds(self, name: str, port: int) -> bool:
        """`name` as `name_of` gives it."""
        if port not in self.ports:
            return False
        return self.name in (ANY, name) or (self.name.startswith("*.") and name.endswith(self.name[1:]))


def host_of(text: str) -> Host:
    """Reads an entry.

    Raises:
        HostError: it is none.
    """
    name, colon, port = text.partition(":")
    ports = (port_of(port),) if colon else WEB_PORTS
    if name == ANY:
        return Host(ANY, ports)
    star = "*." if name.startswith("*.") else ""
    return Host(star + name_of(name.removeprefix(star)), ports)


def range_of(text: str) -> Range:
    """Reads a range of addresses.

    Raises:
        HostError: it is none.
    """
    try:
        return ip_network(text)
    except ValueError as wrong:
        raise HostError(str(wrong)) from None


def port_of(text: str) -> int:
    """Reads a number of a port.

    Raises:
        HostError: it is none.
    """
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text) or int(text) > 65_535:
        raise HostError(f"'{text[:20]}' is no port")
    return int(text)


def name_of(text: str) -> str:
    """A host's name in its one spelling: in lower case, without the dot of the root.

    Raises:
        HostError: it is an address, or no name.
    """
    name = text.lower().removesuffix(".")
    if name.startswith("[") or _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise HostError(f"'{text[:80]}' is an address: only names are let through")
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise HostError(f"'{text[:80]}' is no name of a host")
    return name


@dataclass(frozen=True)
class Egress:
    """What the proxy of a job lets through."""

    hosts: tuple[Host, ...]
    opened: tuple[Range, ...] = ()
    """Addresses that names may lead to although they are not public; never those of metadata."""

    def lists(self, name: str, port: int) -> bool:
        """Whether a name, as `name_of` gives it, and a port are of the list."""
        return any(host.holds(name, port) for host in self.hosts)

    def opens(self, text: str) -> bool:
        """Whether a range opens an address."""
        return addresses.within(addresses.read(text), self.opened)

    def refusal(self, text: str) -> str:
        """Why nothing is sent to an address; empty: it may be."""
        return addresses.refusal(addresses.read(text), self.opened)


def egress_of(hosts: Iterable[str], opened: Iterable[str] = ()) -> Egress:
    """Reads lists of entries and of ranges.

    Raises:
        HostError: one is malformed.
    """
    return Egress(tuple(map(host_of, hosts)), tuple(map(range_of, opened)))
