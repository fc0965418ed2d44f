"""Which images the containers of rendered objects run."""

from __future__ import annotations

from collections.abc import Sequence

from domain.core.documents import Node, Object


def images(objects: Sequence[Object]) -> tuple[str, ...]:
    """Each once, sorted; of Deployments and Jobs."""
    pods = [Node(one).at("spec", "template", "spec") for one in objects]
    found = {one["image"].text() for pod in pods for key in ("initContainers", "containers") for one in pod[key]}
    return tuple(sorted(found - {""}))
