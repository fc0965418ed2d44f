"""Finds what a deploy block lacks for its target, and options that its target does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from domain.releases.capabilities import CAPABILITIES
from domain.releases.kubernetes.naming import service_complaint
from domain.releases.kubernetes.place import SourceKind
from pipeline_defs.core.diagnostics import Path, Violation
from pipeline_defs.releases import model
from pipeline_defs.releases.compile import router_of
from pipeline_defs.releases.kubernetes_compile import object_source

_CONTAINERS = ("docker", "kubernetes")
_TARGETS_OF = {
    "artifact": ("local",),
    "liveness": ("local", "kubernetes"),
    **dict.fromkeys(("image", "port", "cpu", "memory_mb"), _CONTAINERS),
    **dict.fromkeys(
        ("manifests", "kustomize", "helm", "capacity", "autoscale", "disruption", "migrate"), ("kubernetes",)
    ),
}
_REQUIRED = {"local": "command", "docker": "image"}
_SOURCES = ("manifests", "kustomize", "helm")
_OF_CONTAINER = ("command", "cpu", "memory_mb", "liveness", "autoscale", "port_env", "instances")
"""What the source's own manifests say where there are some."""


def violations(block: model.Deploy) -> Iterator[Violation]:
    """Rule violations; paths are relative to the deploy block."""
    required = _REQUIRED.get(block.target, "")
    if required and not getattr(block, required):
        yield Violation("SLW202", f"target '{block.target}' needs '{required}'", (), hint=f"{required}: …", key=True)
    for name, targets in _TARGETS_OF.items():
        if block.target not in targets and name in block.model_fields_set:
            word = name.replace("_", "-")
            of = " and ".join(f"'{one}'" for one in targets)
            message = f"'{word}' is for target {of} only"
            yield Violation("SLW702", message, (word,), key=True)
    if (block.target, router := router_of(block)) not in CAPABILITIES:
        fitting = ", ".join(one for target, one in CAPABILITIES if target == block.target)
        message = f"target '{block.target}' has no router '{router}'"
        yield Violation("SLW703", message, ("router",), router, f"it has {fitting}")
    if block.target == "kubernetes":
        yield from _kubernetes(block)


def _kubernetes(block: model.Deploy) -> Iterator[Violation]:
    given = [name for name in _SOURCES if getattr(block, name)]
    if len(given) > 1:
        yield Violation("SLW203", f"'{given[0]}' and '{given[1]}' are two sources; write one", (given[1],), key=True)
    if not given and not block.image:
        hint = "image: NAME@sha256:…, or manifests, kustomize or helm"
        yield Violation("SLW202", "target 'kubernetes' needs what its objects are made from", (), hint=hint, key=True)
    if given:
        for name in _OF_CONTAINER:
            if name in block.model_fields_set:
                word = name.replace("_", "-")
                message = f"'{word}' has no effect with '{given[0]}', which says it itself"
                yield Violation("SLW702", message, (word,), key=True)
    if wrong := service_complaint(block.service):
        yield Violation("SLW205", wrong, ("service",), block.service)
    if block.autoscale and block.autoscale.min > block.autoscale.max:
        yield Violation("SLW203", "min is more than max", ("autoscale", "min"), str(block.autoscale.min))
    yield from _migrations(block, bool(given))
    yield from _paths(block)


def _migrations(block: model.Deploy, has_source: bool) -> Iterator[Violation]:
    for name in ("expand", "contract"):
        said = getattr(block.migrate, name)
        if isinstance(said, str) and not has_source:
            hint = f"{name}: [PROGRAM, ARGUMENT]"
            yield Violation("SLW203", f"no manifests have a Job '{said[:63]}'", ("migrate", name), said, hint)


def _paths(block: model.Deploy) -> Iterator[Violation]:
    """Each path stays in the repository; links are looked at when it is rendered."""
    source = object_source(block)
    where: list[tuple[Path, str]] = [(("helm", "values", at), one) for at, one in enumerate(source.values)]
    for at, one in enumerate(source.paths):
        keys: dict[SourceKind, Path] = {SourceKind.HELM: ("helm", "chart"), SourceKind.MANIFESTS: ("manifests", at)}
        where.append((keys.get(source.kind, ("kustomize",)), one))
    for path, text in where:
        if ".." in PurePosixPath(text).parts:
            yield Violation("SLW203", "a path stays in the repository, without '..'", path, text)
