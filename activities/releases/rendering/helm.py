"""A chart, by `helm template`: no cluster to look things up in, and what it depends on is in the repository.

The release is called as the service, whatever its number: the objects get a release's names later.
"""

from __future__ import annotations

import json
from pathlib import Path

from activities.releases.rendering import confined
from activities.releases.rendering.manifests import inside
from activities.releases.rendering.port import Renderer, Text
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.place import KubernetesSpec

KUBERNETES = "1.34.0"
"""The version that a chart is told; a render is the same whatever cluster it goes to."""


class Helm(Renderer):
    """A chart of the checkout with values of the checkout."""

    async def texts(self, checkout: Path, spec: DeploySpec) -> list[Text]:
        """One text, without the chart's tests."""
        told = spec.kubernetes or KubernetesSpec()
        root, source = checkout.resolve(), told.source
        chart = inside(root, source.paths[0])
        with confined.scratch() as own:
            arguments = ["template", spec.service, str(chart), "--namespace", told.place.namespace or "default"]
            arguments += ["--kube-version", KUBERNETES, "--skip-tests"]
            for name in source.values:
                arguments += ["--values", str(inside(root, name))]
            if source.settings:
                values = own / "settings.json"
                values.write_text(json.dumps(nested(source.settings)))
                values.chmod(0o644)
                arguments += ["--values", str(values)]
            env = {f"HELM_{word}_HOME": str(own / word.lower()) for word in ("CACHE", "CONFIG", "DATA")}
            env["HELM_PLUGINS"] = str(own / "none")
            return [Text(source.paths[0], await confined.run("helm", arguments, root, own, env))]


def nested(settings: dict[str, str]) -> dict[str, Json]:
    """Values by their dotted names, as a document; they are data, and no text of helm's own language.

    Raises:
        SluicewayError: SLW965, one name is a value and holds values, too.
    """
    found: dict[str, Json] = {}
    for name, value in sorted(settings.items()):
        place: dict[str, Json] = found
        *above, last = name.split(".")
        for key in above:
            below = place.setdefault(key, {})
            if not isinstance(below, dict):
                raise SluicewayError("SLW965", f"helm.set: {name} is below a value")
            place = below
        if last in place:
            raise SluicewayError("SLW965", f"helm.set: {name} is there twice, or holds values")
        place[last] = value
    return found
