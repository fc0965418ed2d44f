"""With which Secret the pods of a release pull its images."""

from __future__ import annotations

from collections.abc import Sequence

from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json
from domain.releases import registries
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.images import images
from domain.releases.registries import Login


def logins(deployment: Deployment, rendered: Sequence[Object]) -> tuple[Login, ...]:
    """Those that its images need, and no others: whoever reads Secrets of the namespace reads them."""
    spec = deployment.spec
    if spec.kubernetes is None:
        return ()
    return registries.needed({*images(rendered), spec.image} - {""}, spec.kubernetes.place.logins)


def pulling(deployment: Deployment, rendered: Sequence[Object]) -> str:
    """The name of the Secret: the registered one, or the release's own; empty: its images need none."""
    spec = deployment.spec.kubernetes
    if spec and spec.place.pull_secret:
        return spec.place.pull_secret
    return naming.pull_name(deployment) if logins(deployment, rendered) else ""


def add_pulls(pod: Manifest, secret: str) -> None:
    """To what the source names itself. `pod`: its spec; `secret`: empty: nothing is added."""
    known: list[Json] = [one.value for one in Node(pod)["imagePullSecrets"]]
    if secret and {"name": secret} not in known:
        pod["imagePullSecrets"] = [*known, {"name": secret}]
