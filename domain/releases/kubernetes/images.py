"""Which images the containers of rendered objects run, and the same objects with digests in the place of tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.core.documents import Node, Object
from domain.core.values import Json
from domain.releases.kubernetes.pods import CONTAINERS, pods


def images(objects: Sequence[Object]) -> tuple[str, ...]:
    """Each once, sorted; of pods of every kind of object."""
    specs = [pod for one in objects for _, pod in pods(Node(one))]
    found = {one["image"].text() for pod in specs for key in CONTAINERS for one in pod[key]}
    return tuple(sorted(found - {""}))


def with_digests(objects: Sequence[Object], digests: Mapping[str, str]) -> list[Object]:
    """The objects with the images that were admitted. `digests`: name to `NAME@sha256:…`; other names stay."""
    if not digests:
        return list(objects)
    return [Node(_pinned(one, digests)).object() for one in objects]


def _pinned(value: Json, digests: Mapping[str, str]) -> Json:
    """At every depth, as `images` finds them. The objects' depth is known to be bounded."""
    if isinstance(value, list | tuple):
        return [_pinned(one, digests) for one in value]
    if not isinstance(value, Mapping):
        return value
    made = {key: _pinned(one, digests) for key, one in value.items()}
    return made | {key: _containers(Node(made[key]), digests) for key in CONTAINERS if key in made}


def _containers(found: Node, digests: Mapping[str, str]) -> Json:
    if not isinstance(found.value, list):
        return found.value
    return [_container(one, digests) for one in found]


def _container(one: Node, digests: Mapping[str, str]) -> Json:
    image = one["image"].text()
    return {**one.object(), "image": digests[image]} if image in digests else one.value
