"""Every target by the name that definitions use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from activities.releases.port import Target
from activities.releases.routers.port import Router
from activities.releases.targets.docker import DockerTarget
from activities.releases.targets.kubernetes.target import KubernetesTarget, Reach
from activities.releases.targets.local import LocalTarget
from activities.secrets.broker import Broker
from activities.source.mirrors import Mirrors
from activities.storage.port import Store


@dataclass(frozen=True)
class Targets:
    """With their concrete types, for calls that only one of them has."""

    local: LocalTarget
    docker: DockerTarget
    kubernetes: KubernetesTarget

    def by_name(self) -> dict[str, Target]:
        """By name in definitions."""
        return {"local": self.local, "docker": self.docker, "kubernetes": self.kubernetes}


def targets(
    home: Path, store: Store, mirrors: Mirrors, routers: Mapping[str, Router], secrets: Broker, reach: Reach
) -> Targets:
    """`home`: the installation's folder, where services keep their state. `reach`: the API of a cluster by its name."""
    return Targets(
        LocalTarget(home / "services", store, mirrors, routers, secrets),
        DockerTarget(home, routers, secrets),
        KubernetesTarget(reach, store, routers, secrets),
    )
