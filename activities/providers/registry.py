"""Every provider by the name that definitions use."""

from __future__ import annotations

from pathlib import Path

from activities.clusters import Provider
from activities.providers.cluster_api import ClusterApiProvider
from activities.providers.host import HostProvider
from activities.providers.kind import KindProvider
from activities.providers.kwok import KwokProvider
from activities.providers.registered import RegisteredProvider
from activities.providers.terraform import TerraformProvider
from domain.cluster.spec import REGISTERED


def providers(root: Path, tools: Path) -> dict[str, Provider]:
    return {
        "host": HostProvider(root, tools),
        "kwok": KwokProvider(root, tools),
        "kind": KindProvider(root, tools),
        "cluster-api": ClusterApiProvider(root),
        "terraform": TerraformProvider(root, tools),
        REGISTERED: RegisteredProvider(root),
    }
