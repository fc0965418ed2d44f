"""The meaning of an argocd-sync block."""

from __future__ import annotations

from domain.releases.argocd.job import ArgocdSync
from pipeline_defs.core.job_context import JobPart, PlanContext
from pipeline_defs.releases import argocd_model


def compile_argocd(block: argocd_model.ArgocdSync, context: PlanContext) -> JobPart:
    """The part of a planned job."""
    return {"argocd_sync": spec_of(block)}


def spec_of(block: argocd_model.ArgocdSync) -> ArgocdSync:
    """What it asks for."""
    return ArgocdSync(block.cluster, block.namespace, block.application, block.revision, block.timeout)
