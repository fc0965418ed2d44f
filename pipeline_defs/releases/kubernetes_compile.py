"""Compiles what a deploy block says for target kubernetes; its place comes from the registered environment."""

from __future__ import annotations

from domain.releases.kubernetes.place import (
    Autoscale,
    Capacity,
    KubernetesSpec,
    Migration,
    ObjectSource,
    Schema,
    SourceKind,
)
from pipeline_defs.releases import model
from pipeline_defs.releases.kubernetes_model import Command


def kubernetes_spec(block: model.Deploy) -> KubernetesSpec:
    """The part of a deployment that only a cluster has."""
    scale = block.autoscale
    return KubernetesSpec(
        source=object_source(block),
        capacity=Capacity(block.capacity),
        autoscale=Autoscale(least=scale.min, most=scale.max, cpu_percent=scale.cpu) if scale else None,
        disruption=block.disruption,
        expand=_migration(block.migrate.expand),
        contract=_migration(block.migrate.contract),
        schema=Schema(needs=block.migrate.needs, works_with=tuple(block.migrate.works_with)),
    )


def object_source(block: model.Deploy) -> ObjectSource:
    """What the objects are rendered from; a block with several is refused by its lint."""
    if block.helm is not None:
        helm = block.helm
        return ObjectSource(
            kind=SourceKind.HELM, paths=(helm.chart,), values=tuple(helm.values), settings=dict(helm.set)
        )
    if block.kustomize:
        return ObjectSource(kind=SourceKind.KUSTOMIZE, paths=(block.kustomize,))
    if block.manifests:
        return ObjectSource(kind=SourceKind.MANIFESTS, paths=tuple(block.manifests))
    return ObjectSource()


def _migration(said: Command | str | None) -> Migration | None:
    if not said:
        return None
    return Migration(job=said) if isinstance(said, str) else Migration(command=tuple(said))
