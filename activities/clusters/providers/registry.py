"""Every provider by the name that definitions use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from activities.clusters.port import Provider
from activities.clusters.providers.cluster_api import ClusterApiProvider
from activities.clusters.providers.kind import KindProvider
from activities.clusters.providers.local.host import HostProvider
from activities.clusters.providers.local.kwok import KwokProvider
from activities.clusters.providers.registered import RegisteredProvider
from activities.clusters.providers.terraform import TerraformProvider
from activities.secrets.broker import Broker
from domain.clusters.spec import REGISTERED


def providers(root: Path, tools: Path, secrets: Broker, home: Callable[[], str] = lambda: "") -> dict[str, Provider]:
    """`root`: a folder for each cluster; `tools`: folder with the built programs; `home`: of this installation, as
    objects in clusters of others name it.
    """
    return {
        "host": HostProvider(root, tools),
        "kwok": KwokProvider(root, tools),
        "kind": KindProvider(root, tools),
        "cluster-api": ClusterApiProvider(root, secrets),
        "terraform": TerraformProvider(root, tools, secrets),
        REGISTERED: RegisteredProvider(root, home),
    }
