"""Rules of this machine for the interfaces of jobs: out to the world, and to nothing of the machine itself.

The rules name interfaces by how they begin, so they are set once and hold for all jobs of all installations. They are
looked at again, since others (a firewall that is loaded again) may remove them. Source: iptables-extensions(8).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from activities.supervisor.cable import VETH
from activities.supervisor.netlink import Netlink
from domain.core.addresses import METADATA

CHAIN = "SLUICEWAY-JOBS"
COMMENT = "jobs of sluiceway"
BRIDGE = "sljb"
ALL = "slj+"
NETWORK = "198.19.0.0/16"
RESOLVERS = Path("/etc/resolv.conf")
FIREWALLD = "/run/firewalld.pid"
"""Its rules come beside those of iptables, and what they drop is lost."""
AGAIN_S = 20.0
TIMEOUT_S = 20
_ANSWERS = ("-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED")
_NEW = ("-m", "conntrack", "!", "--ctstate", "ESTABLISHED,RELATED")
_IPV4 = tuple(one for one in METADATA if ":" not in one)
_OF_CHAIN = (
    (*_ANSWERS, "-j", "RETURN"),
    ("-m", "conntrack", "--ctstate", "DNAT", "-j", "REJECT"),
    ("-o", f"{VETH}+", "-j", "REJECT"),
    *(("-i", f"{VETH}+", "-o", one, "-j", "REJECT") for one in (ALL, "docker0", "br-+")),
    *(("-p", one, "--dport", "53", "-j", "RETURN") for one in ("udp", "tcp")),
    *(("-d", one, "-j", "REJECT") for one in _IPV4),
)
"""Of what jobs send on: no port that this machine publishes for another, no other job, no container of Docker, and no
metadata; but names, which some clouds resolve at the address of their metadata.
"""
_FORWARDED = (
    ("-o", f"{VETH}+", "-j", "REJECT"),
    ("-o", f"{VETH}+", *_ANSWERS, "-j", "ACCEPT"),
    ("-i", f"{VETH}+", "-j", "ACCEPT"),
    ("-i", ALL, "-j", CHAIN),
)
"""The last one comes first: each is put in front of the others."""


class _Rules:
    """Of one table, as this process sets them."""

    def __init__(self, table: str, number: Callable[[list[str]], int], set_: Callable[[], str]) -> None:
        self._table, self._number, self._set = table, number, set_
        self._lock, self._next, self._why = threading.Lock(), 0.0, ""

    def why_not(self) -> str:
        with self._lock:
            if time.monotonic() >= self._next:
                self._why = _refusal() or ("" if self._are_there() else self._set())
                self._next = time.monotonic() + AGAIN_S
            return self._why

    def _are_there(self) -> bool:
        """All of the table in one call, so that looking costs little: others remove rules, they do not change ours."""
        lines = _ran("iptables", "-t", self._table, "-S").out.splitlines()
        return sum(COMMENT in line for line in lines) >= self._number(lines)


def why_not() -> str:
    """Sets the rules where they are missing. Why this worker cannot; empty: they hold."""
    return _filter.why_not()


def translates() -> str:
    """Why jobs cannot have a network of their own with a way out; empty: they can, and the rules for it hold."""
    return why_not() or _no_way() or _nat.why_not()


def _refusal() -> str:
    if os.geteuid() != 0:
        return "the worker is not root"
    if shutil.which("iptables") is None:
        return "there is no iptables"
    return ""


def _set() -> str:
    if why := _ran("iptables-restore", "--noflush", given=_chain()).wrong:
        return why
    chains: list[tuple[str, tuple[str, ...]]] = [("INPUT", ("-i", ALL, *_NEW, "-j", "REJECT"))]
    if not _ran("iptables", "-n", "-L", "DOCKER-USER").wrong:
        chains.append(("DOCKER-USER", ("-i", ALL, "-j", CHAIN)))
    chains += [("FORWARD", rule) for rule in _FORWARDED]
    for chain, rule in chains:
        if why := _there("-I", chain, rule):
            return why
    if shutil.which("ip6tables"):
        _there("-I", "INPUT", ("-i", ALL, "-j", "REJECT"), "ip6tables")
    return ""


def _chain() -> str:
    """All of it at once, in place of what it was."""
    rules = (" ".join(("-A", CHAIN, *rule, "-m comment --comment", f'"{COMMENT}"')) for rule in _OF_CHAIN)
    return "\n".join(("*filter", f":{CHAIN} - [0:0]", *rules, "COMMIT", ""))


def _there(how: str, chain: str, rule: tuple[str, ...], program: str = "iptables", table: str = "filter") -> str:
    whole = (chain, *rule, "-m", "comment", "--comment", COMMENT)
    if not _ran(program, "-t", table, "-C", *whole).wrong:
        return ""
    return _ran(program, "-t", table, how, *whole).wrong


@dataclass(frozen=True)
class _Ended:
    """`wrong`: what it complains about."""

    wrong: str
    out: str = ""


def _ran(program: str, *arguments: str, given: str = "") -> _Ended:
    command = [program, "-w", *arguments]
    try:
        ended = subprocess.run(command, input=given, capture_output=True, timeout=TIMEOUT_S, check=False, text=True)
    except (OSError, subprocess.TimeoutExpired) as broken:
        return _Ended(f"{program}: {broken}")
    if ended.returncode:
        return _Ended(f"{program}: {ended.stderr.strip()[:200] or ended.returncode}")
    return _Ended("", ended.stdout)


_MASQUERADE = ("-s", NETWORK, "!", "-o", f"{VETH}+", "-j", "MASQUERADE")


def _set_nat() -> str:
    return _there("-A", "POSTROUTING", _MASQUERADE, table="nat")


def _of_filter(lines: list[str]) -> int:
    return len(_OF_CHAIN) + 1 + len(_FORWARDED) + ("-N DOCKER-USER" in lines)


_filter, _nat = _Rules("filter", _of_filter, _set), _Rules("nat", lambda lines: 1, _set_nat)


@cache
def _no_way() -> str:
    """What the machine lacks besides rules: looked at once."""
    if _read("/proc/sys/net/ipv4/ip_forward") != "1":
        return "this machine forwards nothing (net.ipv4.ip_forward is 0)"
    if os.path.exists(FIREWALLD):
        return "firewalld decides what this machine forwards"
    routes = [line.split() for line in _read("/proc/net/route").splitlines()[1:]]
    if not any(fields[1] == "00000000" for fields in routes) and _read("/proc/net/ipv6_route").count("\n" + "0" * 32):
        return "this machine reaches the world by IPv6 only"
    if resolvers() is None:
        return "its names are resolved by a service on this machine"
    return _no_cable()


def resolvers() -> Path | None:
    """A resolv.conf(5) whose servers are not on this machine."""
    for path in (RESOLVERS, Path("/run/systemd/resolve/resolv.conf")):
        lines = [line.split() for line in _read(str(path)).splitlines()]
        servers = [fields[1] for fields in lines if fields[:1] == ["nameserver"] and len(fields) > 1]
        if servers and not any(map(_is_own, servers)):
            return path
    return None


def _is_own(address: str) -> bool:
    with suppress(OSError), socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
        return True
    return False


def _no_cable() -> str:
    """Whether a cable can be laid is tried: a container may have the right to set rules, and not this one."""
    name = f"sljp{os.getpid() % 10**6}"
    try:
        network = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            with Netlink() as links:
                links.cable(name, f"{name}x", network)
                links.remove(name)
        finally:
            os.close(network)
    except OSError as broken:
        return f"no interface can be made: {broken.strerror or broken}"
    return ""


def _read(path: str) -> str:
    with suppress(OSError):
        return Path(path).read_text().strip()
    return ""
