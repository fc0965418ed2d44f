"""Blocks about containers and images to what the engine runs, and what is wrong with them beyond their shape."""

from __future__ import annotations

from collections.abc import Iterator

from domain.clusters.spec import reachable
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.steps import ImageSpec
from pipeline_defs.core.diagnostics import Complaint
from pipeline_defs.jobs.container_model import ContainerBlock
from pipeline_defs.pipelines import expression_scope as scope
from pipeline_defs.pipelines import model


def image_spec(block: model.Image) -> ImageSpec:
    return ImageSpec(block.context, block.dockerfile, block.tag, block.build_args, block.push)


def container_spec(block: ContainerBlock | None) -> ContainerSpec | None:
    if block is None:
        return None
    services = tuple(
        ServiceSpec(
            name,
            one.image,
            tuple(one.command),
            one.env,
            tuple(one.secrets),
            one.ready,
            one.port,
            one.ready_timeout,
            one.memory_mb,
        )
        for name, one in block.services.items()
    )
    return ContainerSpec(
        block.image,
        block.pull,
        block.pids,
        block.isolated,
        services,
        block.cluster,
        block.namespace,
        tuple(block.allow),
        block.user,
    )


def executor_of(job: model.Job) -> str:
    """Where a job runs that does not say it: in a cluster, a container, or as processes."""
    inside = "kubernetes" if job.container and job.container.cluster else "docker"
    return job.executor or (inside if job.container else "process")


def complaints(job: model.Job) -> Iterator[Complaint]:
    """Paths are below the job."""
    if job.container is None:
        if job.executor in ("docker", "kubernetes"):
            hint = "container: IMAGE" if job.executor == "docker" else "container: {image: IMAGE, cluster: NAME}"
            words = f"the executor {job.executor} needs a container"
            yield Complaint("SLW202", words, ("executor",), job.executor, hint)
    else:
        yield from _container(job, job.container)
    image = job.build.image if job.build else None
    if image and image.push and not image.tag:
        hint = "tag: REGISTRY/NAME:TAG"
        yield Complaint("SLW202", "an image that is pushed needs a tag", ("build", "image", "push"), hint=hint)


def _container(job: model.Job, container: ContainerBlock) -> Iterator[Complaint]:
    if scope.kind_of(job) not in ("run", "build", "test"):
        yield Complaint(
            "SLW702", "only the steps of run, build and test jobs run in a container", ("container",), key=True
        )
    if job.executor == "process":
        yield Complaint("SLW702", "the executor process has no container", ("executor",), "process")
    yield from _of_pod(job, container)
    for name, service in container.services.items():
        for index, secret in enumerate(service.secrets):
            if secret not in job.secrets:
                where = ("container", "services", name, "secrets", index)
                yield Complaint("SLW307", f"'{secret}' is no secret of this job", where, secret, f"secrets: [{secret}]")


def _of_pod(job: model.Job, container: ContainerBlock) -> Iterator[Complaint]:
    if executor_of(job) != "kubernetes":
        for key in ("namespace", "allow", "user"):
            if key in container.model_fields_set:
                words = f"'{key}' is of pods, and this job runs in no cluster"
                yield Complaint("SLW702", words, ("container", key), key=True, hint="cluster: NAME")
        if container.cluster:
            words = f"the executor {job.executor} runs in no cluster"
            yield Complaint("SLW702", words, ("container", "cluster"), container.cluster)
        return
    if not container.cluster:
        words = "the executor kubernetes needs a cluster"
        yield Complaint("SLW202", words, ("container",), key=True, hint="cluster: NAME")
    for index, one in enumerate(container.allow):
        try:
            reachable(one)
        except ValueError as wrong:
            yield Complaint("SLW203", str(wrong), ("container", "allow", index), one)
