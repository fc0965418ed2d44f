"""Finds containers that the job's kind or executor does not support."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from domain.clusters.spec import reachable
from domain.core.addresses import METADATA
from domain.jobs.job_pod import into
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.jobs.compile import executor_of
from pipeline_defs.jobs.container_model import ContainerBlock
from pipeline_defs.jobs.lint import KINDS_WITH_STEPS


def lint_container(
    container: ContainerBlock | None, executor: str | None, secrets: Collection[str], job: JobContext
) -> Iterator[Diagnostic]:
    """Checks a job's container and executor; `secrets`: the secrets of the job."""
    if container is None:
        if executor in ("docker", "kubernetes"):
            hint = "container: IMAGE" if executor == "docker" else "container: {image: IMAGE, cluster: NAME}"
            message = f"executor '{executor}' needs a container"
            yield job.reporter.report("SLW202", message, (*job.path, "executor"), token=executor, hint=hint)
        return
    yield from _expressions(container, (*job.path, "container"), job)
    if job.kind not in KINDS_WITH_STEPS:
        message = "only run, build and test jobs can run in a container"
        yield job.reporter.report("SLW702", message, (*job.path, "container"), key=True)
    if executor == "process":
        message = "executor 'process' cannot use a container"
        yield job.reporter.report("SLW702", message, (*job.path, "executor"), token=executor)
    yield from job.reporter.violations(_services(container, secrets), (*job.path, "container"))
    if executor_of(executor, container) == "kubernetes":
        yield from job.reporter.violations(_of_pod(container), (*job.path, "container"))
    else:
        yield from job.reporter.violations(_outside_of_clusters(container, executor), (*job.path, "container"))


def _expressions(container: ContainerBlock, path: Path, job: JobContext) -> Iterator[Diagnostic]:
    *above, last = path
    if job.reporter.source.root.at(path).entries is None:  # only an image name
        yield from job.reporter.texts({str(last): container.image}, tuple(above), job.scope)
    else:
        yield from job.reporter.texts({"image": container.image, "cluster": container.cluster}, path, job.scope)
    for name, service in container.services.items():
        below = (*path, "services", name)
        yield from job.reporter.texts({"image": service.image}, below, job.scope)
        yield from job.reporter.texts(service.env, (*below, "env"), job.scope)


def _services(container: ContainerBlock, secrets: Collection[str]) -> Iterator[Violation]:
    for name, service in container.services.items():
        for index, secret in enumerate(service.secrets):
            if secret not in secrets:
                path = ("services", name, "secrets", index)
                message = f"'{secret}' is not a secret of this job"
                yield Violation("SLW307", message, path, secret, f"secrets: [{secret}]")


def _of_pod(container: ContainerBlock) -> Iterator[Violation]:
    if not container.cluster:
        message = "executor 'kubernetes' needs a cluster"
        yield Violation("SLW202", message, (), key=True, hint="cluster: NAME")
    for index, one in enumerate(container.allow):
        try:
            reachable(one)
        except ValueError as wrong:
            yield Violation("SLW203", str(wrong), ("allow", index), one)
            continue
        if into([one], METADATA):
            yield Violation("SLW038", f"{one} is where clouds keep the metadata of a machine", ("allow", index), one)


def _outside_of_clusters(container: ContainerBlock, executor: str | None) -> Iterator[Violation]:
    for key in ("namespace", "allow", "user"):
        if key in container.model_fields_set:
            message = f"'{key}' is for pods, and this job does not run in a cluster"
            yield Violation("SLW702", message, (key,), key=True, hint="cluster: NAME")
    if container.cluster:
        message = f"executor '{executor}' does not run in a cluster"
        yield Violation("SLW702", message, ("cluster",), container.cluster)
