"""Gives a job's own network a way out: by addresses that the machine translates, and past none of its own.

The worker has set the rules for every interface of this name (activities/jobs/isolation/firewall.py). With the job's
last process its network goes, and this end of the cable with it.
"""

from __future__ import annotations

import os

from activities.supervisor import kernel
from activities.supervisor.netlink import Netlink

VETH = "sljv"
FIRST = 198 << 24 | 19 << 16
"""198.19.0.0: of the range for tests of devices (RFC 2544), which nobody routes."""
ROOM = 16_384
"""Pairs of addresses in it."""
FAR = "eth0"


def laid(first: int) -> None:
    """To the network of a process.

    Raises:
        OSError: it cannot be laid.
    """
    read, write = os.pipe()
    child = os.fork()  # one that enters the network cannot come back
    if not child:
        try:
            _lay(first)
        except OSError as broken:
            os.write(write, str(broken).encode() or b"unknown")
        finally:
            os._exit(0)
    os.close(write)
    said = b"".join(iter(lambda: os.read(read, 4_096), b""))
    os.close(read)
    os.waitpid(child, 0)
    if said:
        raise OSError(f"its network cannot be connected: {said.decode('utf-8', 'replace')}")


def _lay(first: int) -> None:
    network = os.open(f"/proc/{first}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    here = Netlink()
    index = _drawn(here, first, network)
    near, far = (_address(FIRST + 4 * index + number) for number in (1, 2))
    here.up(f"{VETH}{index}")
    here.address(f"{VETH}{index}", near, 30)
    kernel.join(network, kernel.NEWNET)
    there = Netlink()
    there.up(FAR)
    there.address(FAR, far, 30)
    there.default_route(FAR, near)


def _drawn(here: Netlink, first: int, network: int) -> int:
    """The number of a cable whose name was free."""
    for index in range(first % ROOM, first % ROOM + ROOM):
        try:
            here.cable(f"{VETH}{index % ROOM}", FAR, network)
            return index % ROOM
        except FileExistsError:
            continue
    raise OSError("no name is free")


def _address(number: int) -> str:
    return ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8, 0))
