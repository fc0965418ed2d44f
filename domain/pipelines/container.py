"""The container of a job, and the services beside it, as a definition describes them."""

from __future__ import annotations

import hashlib
from dataclasses import KW_ONLY, dataclass, field


@dataclass(frozen=True)
class ServiceSpec:
    """A container beside the job, such as a database."""

    name: str
    """The host name by which the job's steps reach it."""
    image: str
    _: KW_ONLY
    command: tuple[str, ...] = ()
    """Empty: the image's default."""
    env: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """Names of the job's secrets that it gets as environment variables."""
    ready: str = ""
    """A command in the service that succeeds when it is ready; empty: the image's own health check, if any."""
    port: int = 0
    """A port that must accept connections before the first step; 0: none."""
    ready_timeout_s: float = 60
    memory_mb: int = 0
    """0: no limit."""


@dataclass(frozen=True)
class ContainerSpec:
    """The container or pod in which a job's steps run."""

    image: str
    _: KW_ONLY
    pull: str = "missing"
    """Pull policy: missing, always or never."""
    pids: int = 512
    """Limit of processes and threads, for the job and for each service."""
    isolated: bool = False
    """No network except its services."""
    services: tuple[ServiceSpec, ...] = ()
    cluster: str = ""
    """With the executor kubernetes: where the pod runs."""
    namespace: str = "default"
    allow: tuple[str, ...] = ()
    """Egress of a pod as `CIDR` or `CIDR:PORT`; DNS is always allowed, unless the pod is isolated."""
    user: int = 65532
    """For a pod only."""


def name_of(home: str, key: str, service: str = "") -> str:
    """A container name; unique where two installations with equally named runs share a daemon."""
    where = hashlib.sha256(home.encode()).hexdigest()[:8]
    return f"sluiceway-{where}-{key}" + (f"-{service}" if service else "")
