"""Finds the pods that an object would make, whatever its kind: at every depth, whoever invented it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.core.documents import Node
from domain.releases.kubernetes.references import Path

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
"""The lists of a pod's containers."""


def pods(one: Node) -> Iterator[tuple[Path, Node]]:
    """Each mapping with a list of containers, and its path."""
    for path, said in _mappings(one):
        if any(isinstance(said[key].value, list | tuple) for key in CONTAINERS):
            yield path, said


def metadata_of_others(one: Node) -> Iterator[tuple[Path, Node]]:
    """Each `metadata` below an object's own: of what its controller would make."""
    for path, said in _mappings(one):
        if path and path[-1] == "metadata" and len(path) > 1:
            yield path, said


def _mappings(one: Node) -> Iterator[tuple[Path, Node]]:
    """All of them, the outer one first. The object's depth and size are known to be bounded."""
    todo: list[tuple[Path, Node]] = [((), one)]
    while todo:
        path, said = todo.pop()
        if said.object():
            yield path, said
            todo += [((*path, key), below) for key, below in said.fields()]
        else:
            todo += [((*path, at), below) for at, below in enumerate(said)]
