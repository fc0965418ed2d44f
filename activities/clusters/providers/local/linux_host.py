"""Kernel resources of this machine for clusters: links, network namespaces, rules, mounts, control groups."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from activities.clusters.processes import program
from domain.clusters.firewall_chains import removal
from domain.core.documents import Node
from domain.core.errors import SluicewayError

COMMAND_S = 60
POLL_S = 0.02
NAMESPACES = Path("/run/netns")
CGROUPS = Path("/sys/fs/cgroup")


def run(command: Sequence[str], check: bool = True, text: str = "") -> int:
    """Runs a command with `text` as its input.

    Raises:
        SluicewayError: SLW947, it failed, with its output.
    """
    try:
        ended = subprocess.run(command, capture_output=True, text=True, input=text, timeout=COMMAND_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as broken:
        raise SluicewayError("SLW947", f"{command[0]} cannot be run", why=str(broken)) from broken
    if check and ended.returncode:
        words = " ".join(command[:6])
        raise SluicewayError("SLW947", f"'{words}' failed", why=(ended.stderr or ended.stdout).strip()[-400:])
    return ended.returncode


def lines(command: Sequence[str]) -> list[str]:
    """The command's standard output by lines, whatever its exit code."""
    ended = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, check=False)
    return ended.stdout.splitlines()


def ip(*words: str) -> None:
    """Runs iproute2's `ip`. Raises SluicewayError (SLW947) when it fails."""
    run([program("ip"), *words])


def remove_link(name: str) -> None:
    """Removes a link, if it is there: one of a pair goes by itself, a moment after the namespace of the other one.

    Raises:
        SluicewayError: SLW947, it stays.
    """
    command = [program("ip"), "link", "del", name]
    if has_link(name) and run(command, check=False) and has_link(name):
        run(command)


def told(*words: str) -> list[Node]:
    """Parsed JSON output of `ip`; nothing for empty output."""
    said = subprocess.run([program("ip"), "-j", *words], capture_output=True, text=True, check=False).stdout
    return list(Node(json.loads(said))) if said.strip() else []


def has_link(name: str) -> bool:
    """Checked in sysfs, in this process's namespace."""
    return Path(f"/sys/class/net/{name}").exists()


def links(prefix: str) -> list[str]:
    """Names of links with a prefix, sorted."""
    return sorted(one.name for one in Path("/sys/class/net").glob(f"{prefix}*"))


def has_namespace(name: str) -> bool:
    """Whether a named network namespace exists, as `ip netns` keeps them."""
    return (NAMESPACES / name).exists()


def inside(namespace: str, command: Sequence[str]) -> list[str]:
    """The command wrapped to run in a network namespace; empty: the machine's own. Mounts stay the machine's."""
    return [program("nsenter"), f"--net={NAMESPACES / namespace}", *command] if namespace else list(command)


def within(namespace: str) -> list[str]:
    """Arguments for `ip` to act in a network namespace."""
    return ["-n", namespace] if namespace else []


def sandboxes(bridge: str, namespace: str = "") -> list[str]:
    """Pod network namespaces on a bridge that were never removed. Without the bridge their owner is unknown."""
    listed = told(*within(namespace), "netns", "list-id")
    names = {one["nsid"].whole(-1): one["name"].text() for one in listed if one["name"]}
    ends = [one["link_netnsid"].whole(-1) for one in told(*within(namespace), "link", "show", "master", bridge)]
    return sorted({names[end] for end in ends if end in names})


def set_rule(table: str, rule: Sequence[str], namespace: str = "") -> None:
    """Inserts it as the first rule of its chain, unless it exists."""
    tables = ["iptables", "-w", "-t", table]
    if run(inside(namespace, [*tables, "-C", *rule]), check=False):
        run(inside(namespace, [*tables, "-I", *rule]))


def remove_rule(table: str, rule: Sequence[str], namespace: str = "") -> None:
    """Removes every copy of an iptables rule."""
    while not run(inside(namespace, ["iptables", "-w", "-t", table, "-D", *rule]), check=False):
        continue


def remove_chains(prefixes: tuple[str, ...], namespace: str = "") -> None:
    """Removes the chains with one of these prefixes from the filter table, and what leads to them, in one step."""
    orders = removal(lines(inside(namespace, ["iptables-save", "-t", "filter"])), prefixes)
    if orders:
        text = "\n".join(["*filter", *orders, "COMMIT", ""])
        run(inside(namespace, ["iptables-restore", "-w", "--noflush"]), text=text)


def sets(prefixes: tuple[str, ...], namespace: str = "") -> list[str]:
    """Names of the sets of addresses with one of these prefixes; none where `ipset` is not installed."""
    if not shutil.which("ipset"):
        return []
    return [one for one in lines(inside(namespace, ["ipset", "list", "-name"])) if one.startswith(prefixes)]


def remove_sets(prefixes: tuple[str, ...], namespace: str = "") -> None:
    """Removes sets of addresses that no rule names any more."""
    for one in sets(prefixes, namespace):
        run(inside(namespace, ["ipset", "destroy", one]))


def filters_bridges() -> bool:
    """Whether rules see what pods of one node send each other; a new network namespace begins as the kernel does."""
    try:
        return Path("/proc/sys/net/bridge/bridge-nf-call-iptables").read_text().strip() == "1"
    except OSError:
        return False


def mounts(*folders: Path) -> list[str]:
    """Mount points at or below the folders, in the kernel's order."""
    with open("/proc/self/mounts") as file:
        points = [line.split()[1] for line in file]
    return [one for one in points if any(f"{one}/".startswith(f"{folder}/") for folder in folders)]


def unmount(*folders: Path) -> None:
    """Detaches every mount at or below the folders, deepest first, even busy ones."""
    for point in sorted(mounts(*folders), key=len, reverse=True):
        subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)


def make_cgroup(name: str) -> None:
    """A control group in every hierarchy. In version 2 it gets all controllers that the root delegates."""
    for hierarchy in hierarchies():
        (hierarchy / name).mkdir(exist_ok=True)
    if (CGROUPS / "cgroup.controllers").exists():
        wanted = (CGROUPS / "cgroup.controllers").read_text().split()
        (CGROUPS / "cgroup.subtree_control").write_text(" ".join(f"+{one}" for one in wanted))


def remove_cgroup(name: str) -> None:
    """Removes it with its children, leaves first. Processes in it are killed: nothing else would find them."""
    deadline = time.monotonic() + COMMAND_S
    while cgroups(name) and time.monotonic() < deadline:
        for hierarchy in hierarchies():
            for folder, _, _ in os.walk(hierarchy / name, topdown=False):
                _clear(Path(folder))
        time.sleep(POLL_S)


def _clear(group: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in (group / "cgroup.procs").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
    with contextlib.suppress(OSError):
        group.rmdir()


def cgroups(name: str) -> list[str]:
    """Paths of control groups with a matching name."""
    return sorted({one.name for hierarchy in hierarchies() for one in hierarchy.glob(name)})


def hierarchies() -> list[Path]:
    """One for version 2; one for each controller for version 1."""
    if (CGROUPS / "cgroup.procs").exists():
        return [CGROUPS]
    return [one for one in CGROUPS.glob("*") if one.is_dir() and not one.is_symlink()]
