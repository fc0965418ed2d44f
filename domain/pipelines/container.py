"""What a definition says about the container that a job runs in, and about the services beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ServiceSpec:
    """A container beside the job, such as a database."""

    name: str
    """Under which the job's steps reach it."""
    image: str
    command: tuple[str, ...] = ()
    """Empty: the image's."""
    env: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """Names of the job's secrets that it gets as variables."""
    ready: str = ""
    """A command in the service that succeeds as soon as it is ready; empty: the image's own check, if it has one."""
    port: int = 0
    """A port that must accept connections before the first step; 0: none."""
    ready_timeout_s: float = 60
    memory_mb: int = 0
    """0: no limit."""


@dataclass(frozen=True)
class ContainerSpec:
    """The container, or the pod, that a job's steps run in."""

    image: str
    pull: str = "missing"
    """missing, always or never."""
    pids: int = 512
    """Processes and threads at once, of the job and of each service."""
    isolated: bool = False
    """No network but to its services."""
    services: tuple[ServiceSpec, ...] = ()
    cluster: str = ""
    """With the executor kubernetes: where the pod runs."""
    namespace: str = "default"
    allow: tuple[str, ...] = ()
    """Of a pod: what it may reach, as `CIDR` or `CIDR:PORT`; names can always be asked for, unless it is isolated."""
    user: int = 65532
    """Of a pod."""


def name_of(home: str, key: str, service: str = "") -> str:
    """Of a container: two installations may share a daemon, and have runs of the same name."""
    where = hashlib.sha256(home.encode()).hexdigest()[:8]
    return f"sluiceway-{where}-{key}" + (f"-{service}" if service else "")
