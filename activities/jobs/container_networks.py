"""The networks of containers. Their interfaces have names that the machine's rules know, so that nothing of the machine
is reached through them (activities/jobs/isolation/firewall.py).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import docker
from docker.errors import APIError, NotFound

from activities.jobs.isolation import firewall

SHARED = "sluiceway-jobs"
"""Of all jobs of this machine that have no services. Its containers do not reach each other, and it stays."""
BRIDGE_NAME = "com.docker.network.bridge.name"
NO_NEIGHBOURS = {"com.docker.network.bridge.enable_icc": "false"}


@dataclass(frozen=True)
class ContainerNetwork:
    """Of the containers of a job."""

    name: str
    told: str
    """For the job's log."""


def alone(client: docker.DockerClient, *, isolated: bool, apart: bool) -> ContainerNetwork:
    """For one container. `apart`: nothing of this machine shall be reached, if that can be done."""
    if isolated:
        return ContainerNetwork("none", "network: none")
    if not apart:
        return ContainerNetwork("bridge", "network: bridge")
    if why := firewall.why_not():
        return ContainerNetwork("bridge", _shared(why))
    bridge = f"{firewall.BRIDGE}0"
    with suppress(APIError):  # another one may make it at the same time
        _ensured(client, bridge)
    client.api.inspect_network(SHARED)
    return ContainerNetwork(SHARED, _told(bridge))


def _ensured(client: docker.DockerClient, bridge: str) -> None:
    try:
        client.api.inspect_network(SHARED)
    except NotFound:
        options = {BRIDGE_NAME: bridge, **NO_NEIGHBOURS}
        client.api.create_network(SHARED, driver="bridge", options=options, check_duplicate=True)


def made(
    client: docker.DockerClient, name: str, labels: Mapping[str, str], *, isolated: bool, apart: bool
) -> ContainerNetwork:
    """For a job with services: its own, which is removed with it."""
    why = firewall.why_not() if apart else ""
    bridge = f"{firewall.BRIDGE}{hashlib.sha256(name.encode()).hexdigest()[:10]}"
    options = {BRIDGE_NAME: bridge} if apart and not why else {}
    client.api.create_network(name, driver="bridge", internal=isolated, labels=dict(labels), options=options)
    if not apart:
        return ContainerNetwork(name, "network: bridge")
    return ContainerNetwork(name, _shared(why) if why else _told(bridge))


def _told(bridge: str) -> str:
    """The rules hold on this machine: of no use where the daemon is on another one."""
    if os.path.exists(f"/sys/class/net/{bridge}"):
        return "network: bridge, but not to this machine"
    return _shared("the daemon is on another machine")


def _shared(why: str) -> str:
    return f"network: bridge, and it reaches what listens on its machine ({why})"
