"""A kustomization, by `kustomize build`: no plugins, no exec generators, no charts, and no bases of elsewhere.

It has no switch for remote bases; without git and network it cannot have any.
"""

from __future__ import annotations

from pathlib import Path

from activities.releases.rendering import confined
from activities.releases.rendering.manifests import inside
from activities.releases.rendering.port import Renderer, Text
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.place import KubernetesSpec


class Kustomize(Renderer):
    """The folder and what it names of the checkout."""

    async def texts(self, checkout: Path, spec: DeploySpec) -> list[Text]:
        """One text."""
        name = (spec.kubernetes or KubernetesSpec()).source.paths[0]
        folder = inside(checkout.resolve(), name)
        arguments = ["build", str(folder), "--load-restrictor", "LoadRestrictionsRootOnly"]
        with confined.scratch() as own:
            return [Text(name, await confined.run("kustomize", arguments, checkout.resolve(), own))]
