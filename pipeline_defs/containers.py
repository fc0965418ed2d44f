"""Blocks about containers and images to what the engine runs, and what is wrong with them beyond their shape."""

from __future__ import annotations

from collections.abc import Iterator

from domain.container import ContainerSpec, ServiceSpec
from domain.pipeline import ImageSpec
from pipeline_defs import model, scope
from pipeline_defs.container_model import ContainerBlock
from pipeline_defs.problems import Complaint


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
    return ContainerSpec(block.image, block.pull, block.pids, block.isolated, services)


def complaints(job: model.Job) -> Iterator[Complaint]:
    """Paths are below the job."""
    if job.container is None:
        if job.executor == "docker":
            hint = "container: IMAGE"
            yield Complaint("SLW202", "the executor docker needs a container", ("executor",), "docker", hint)
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
    for name, service in container.services.items():
        for index, secret in enumerate(service.secrets):
            if secret not in job.secrets:
                where = ("container", "services", name, "secrets", index)
                yield Complaint("SLW307", f"'{secret}' is no secret of this job", where, secret, f"secrets: [{secret}]")
