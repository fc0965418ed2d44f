"""The names in a job that become ids, paths, routes, images or labels, once its expressions are evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from domain.core import names
from domain.pipelines.job import Job

CODE = "SLW060"


def complaint(job: Job) -> str:
    """What of a job should be a name and is none, with its code; empty: nothing."""
    for what, text in _names(job):
        if wrong := names.complaint(text):
            return f"{CODE}: {what} {text[: names.MAX_NAME]!r} is no name: {wrong}"
    return ""


def _names(job: Job) -> Iterator[tuple[str, str]]:
    if job.environment:
        yield "environment", job.environment
    if job.deploy:
        yield "service", job.deploy.service
    if job.deploy and job.deploy.together:
        yield "service", job.deploy.together.name
    if job.provision:
        yield "cluster", job.provision.name
    if job.container and job.container.cluster:
        yield from (("cluster", job.container.cluster), ("namespace", job.container.namespace))
    if job.volume:
        yield from (("cluster", job.volume.cluster), ("namespace", job.volume.spec.namespace))
        yield "volume", job.volume.spec.name
    if job.argocd_sync:
        yield "cluster", job.argocd_sync.cluster
