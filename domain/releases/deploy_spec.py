"""What a deploy job does."""

from __future__ import annotations

from dataclasses import dataclass

from domain.releases.kubernetes.place import KubernetesSpec
from domain.releases.spec import RolloutSpec
from domain.releases.together.spec import Together


@dataclass(frozen=True)
class ProbeSpec:
    """An HTTP probe, or a TCP connect when `http` is empty."""

    http: str = ""
    timeout_s: float = 20
    """Readiness: how long all processes of a version may take to answer."""
    interval_s: float = 0.2
    failures: int = 3
    """Liveness: how many probes in a row must fail before a process is restarted."""


@dataclass(frozen=True, kw_only=True)
class DeploySpec:
    """What a `deploy` job releases, to where, and how."""

    service: str = ""
    version: str = ""
    command: tuple[str, ...] = ()
    instances: int = 1
    image: str = ""
    """Image for the target docker; preferably with a digest."""
    port: int = 8080
    """The port that the container listens on."""
    cpu: float = 0
    """CPU limit of each container in cores; 0: no limit."""
    memory_mb: int = 0
    """Limit of each container; 0: no limit."""
    port_env: str = "PORT"
    artifact: str = ""
    """`job.artifact` that the processes run in; empty: a checkout of the commit."""
    strategy: str = "recreate"
    readiness: ProbeSpec = ProbeSpec()
    liveness: ProbeSpec | None = None
    drain_s: float = 5
    target: str = "local"
    router: str = "traefik"
    kubernetes: KubernetesSpec | None = None
    """Target kubernetes only."""
    rollout: RolloutSpec = RolloutSpec()
    together: Together | None = None
    """Of one of several services that are released as one."""
