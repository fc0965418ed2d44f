"""A single image: its objects are made from the deploy block alone."""

from __future__ import annotations

from pathlib import Path

from activities.releases.rendering.port import Renderer, Text
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes import container
from domain.releases.kubernetes.prepared import dumped


class Image(Renderer):
    """Needs no file of the checkout."""

    async def texts(self, checkout: Path, spec: DeploySpec) -> list[Text]:
        """One text of JSON for each object."""
        return [Text(spec.image, dumped(one)) for one in container.objects(spec)]
