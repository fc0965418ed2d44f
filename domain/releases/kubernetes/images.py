"""Which images the containers of rendered objects run."""

from __future__ import annotations

from collections.abc import Sequence

from domain.core.documents import Node, Object
from domain.releases.kubernetes.pods import pods


def images(objects: Sequence[Object]) -> tuple[str, ...]:
    """Each once, sorted; of pods of every kind of object."""
    specs = [pod for one in objects for _, pod in pods(Node(one))]
    found = {one["image"].text() for pod in specs for key in ("initContainers", "containers") for one in pod[key]}
    return tuple(sorted(found - {""}))
