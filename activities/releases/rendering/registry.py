"""The renderers by the kind of their source."""

from __future__ import annotations

from activities.releases.rendering.helm import Helm
from activities.releases.rendering.image import Image
from activities.releases.rendering.kustomize import Kustomize
from activities.releases.rendering.manifests import Manifests
from activities.releases.rendering.port import Renderer
from domain.releases.kubernetes.place import SourceKind


def renderers() -> dict[SourceKind, Renderer]:
    """One for each kind."""
    return {
        SourceKind.CONTAINER: Image(),
        SourceKind.MANIFESTS: Manifests(),
        SourceKind.KUSTOMIZE: Kustomize(),
        SourceKind.HELM: Helm(),
    }
