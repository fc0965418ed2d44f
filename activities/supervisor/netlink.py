"""Two ends of a cable between this network and one of a job's own, by netlink(7).

Numbers: include/uapi/linux/rtnetlink.h, if_link.h, if_addr.h, veth.h.
"""

from __future__ import annotations

import os
import socket
import struct

_NEWLINK, _DELLINK, _NEWADDR, _NEWROUTE, _ERROR = 16, 17, 20, 24, 2
_REQUEST, _ACK, _CREATE, _EXCLUSIVE = 0x1, 0x4, 0x400, 0x200
_UP = 0x1
_NAME, _LINKINFO, _AF_SPEC, _NETWORK = 3, 18, 26, 28
_KIND, _DATA, _PEER, _ADDR_GEN_MODE = 1, 2, 1, 8
_ADDRESS, _LOCAL, _OIF, _GATEWAY = 1, 2, 4, 5
MAIN_TABLE, STATIC, UNICAST = 254, 4, 1


class Netlink:
    """Of the network in which it is made."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._socket.bind((0, 0))
        self._number = 0

    def __enter__(self) -> Netlink:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _ask(self, kind: int, flags: int, body: bytes) -> None:
        self._number += 1
        head = struct.pack("=IHHII", 16 + len(body), kind, _REQUEST | _ACK | flags, self._number, 0)
        self._socket.send(head + body)
        answer = self._socket.recv(65_536)
        _, said = struct.unpack_from("=IH", answer)
        number = -struct.unpack_from("=i", answer, 16)[0] if said == _ERROR else 0
        if number:
            raise OSError(number, os.strerror(number))

    def cable(self, name: str, far_name: str, far_network: int) -> None:
        """A veth(4): one end here, the other in the network of a handle.

        Raises:
            OSError: it cannot be made; FileExistsError: the name is taken.
        """
        far = _interface(0) + _text(_NAME, far_name) + _attribute(_NETWORK, struct.pack("=i", far_network))
        kind = _text(_KIND, "veth") + _attribute(_DATA, _attribute(_PEER, far))
        self._ask(_NEWLINK, _CREATE | _EXCLUSIVE, _interface(0) + _text(_NAME, name) + _attribute(_LINKINFO, kind))

    def remove(self, name: str) -> None:
        """With its other end."""
        self._ask(_DELLINK, 0, _interface(0) + _text(_NAME, name))

    def up(self, name: str) -> None:
        """Sets an interface up, with no address of IPv6."""
        silent = _attribute(_AF_SPEC, _attribute(socket.AF_INET6, _attribute(_ADDR_GEN_MODE, b"\1")))
        self._ask(_NEWLINK, 0, _interface(0) + _text(_NAME, name) + silent)
        self._ask(_NEWLINK, 0, _interface(_UP, _UP) + _text(_NAME, name))

    def address(self, name: str, address: str, bits: int) -> None:
        """Gives an interface an IPv4 address."""
        raw = socket.inet_aton(address)
        body = struct.pack("=BBBBi", socket.AF_INET, bits, 0, 0, socket.if_nametoindex(name))
        self._ask(_NEWADDR, _CREATE | _EXCLUSIVE, body + _attribute(_LOCAL, raw) + _attribute(_ADDRESS, raw))

    def default_route(self, name: str, gateway: str) -> None:
        """Everything else goes to a gateway."""
        body = struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 0, 0, MAIN_TABLE, STATIC, 0, UNICAST, 0)
        body += _attribute(_GATEWAY, socket.inet_aton(gateway))
        body += _attribute(_OIF, struct.pack("=i", socket.if_nametoindex(name)))
        self._ask(_NEWROUTE, _CREATE | _EXCLUSIVE, body)


def _interface(flags: int, changed: int = 0) -> bytes:
    return struct.pack("=BBHiII", 0, 0, 0, 0, flags, changed)


def _attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def _text(kind: int, text: str) -> bytes:
    return _attribute(kind, text.encode() + b"\0")
