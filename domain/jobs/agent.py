"""The agent of a job in a pod: how its pod gets it, and what the supervisor and the pod know of each other."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import TypedDict

from domain.clusters import manifests
from domain.core.documents import Manifest

FOLDER = "/sluiceway-agent"
"""Where it lies in the job's container."""
GIVEN = "/settings"
"""Where its settings lie in the init container, and nowhere else."""
IMAGE = "sluiceway.local/agent:1"
"""As the nodes of clusters made here have it."""
CONTAINER = "agent"


class AgentSpec(TypedDict):
    """What a job's supervisor knows of the agent that runs its steps."""

    files: str
    """SHA-256 of `files.tar`: what the job begins with."""
    root: str
    """The job's folder as the steps see it."""
    look: list[str]
    """A command whose exit code is 1 when the pod does not run any more; empty: nobody knows."""


@dataclass(frozen=True)
class AgentPlace:
    """How the pods of jobs reach the engine, and what they get their agent from."""

    address: str
    """Of the job endpoint, as pods reach it: an IP address, since a NetworkPolicy knows no names."""
    port: int
    image: str = IMAGE

    @property
    def told(self) -> str:
        """HOST:PORT."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    def way(self) -> Manifest:
        """The egress rule that lets a job's pod reach its agent's endpoint, and nothing beside it."""
        bits = 128 if ":" in self.address else 32
        return manifests.way_out(f"{self.address}/{bits}:{self.port}", ())


def place_of(text: str, image: str = "") -> AgentPlace:
    """Of `ADDRESS:PORT`.

    Raises:
        ValueError: it is no address of one machine with a port.
    """
    host, _, port = text.rpartition(":")
    address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    if address.is_unspecified or address.is_multicast or not port.isascii() or not port.isdecimal():
        raise ValueError(f"'{text}' is no ADDRESS:PORT that a pod could reach")
    if not 0 < int(port) < 1 << 16:
        raise ValueError(f"'{port}' is no port")
    return AgentPlace(str(address), int(port), image or IMAGE)


def settings(place: AgentPlace, pin: str, token: str, root: str) -> str:
    """What the agent is given, as JSON. `pin`: SHA-256 of the endpoint's certificate."""
    return json.dumps({"address": place.told, "pin": pin, "token": token, "root": root})
