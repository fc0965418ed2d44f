"""Compiles jobs that run commands: steps, images, containers, caches."""

from __future__ import annotations

from domain.pipelines.cache import CacheSpec
from domain.pipelines.checkout import CheckoutSpec
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.steps import ImageSpec, Retry, Step, TestSpec
from pipeline_defs.core.job_context import JobPart, PlanContext
from pipeline_defs.jobs.cache_model import Cache
from pipeline_defs.jobs.container_model import ContainerBlock, Service
from pipeline_defs.jobs.model import Build, Checkout, Image, RetryBlock, StepBlock, Test


def compile_run(block: list[StepBlock], context: PlanContext) -> JobPart:
    """The run part of a planned job."""
    return {"steps": _steps(block)}


def compile_build(block: Build, context: PlanContext) -> JobPart:
    """The build part of a planned job."""
    return {"steps": _steps(block.steps), "image": _image_spec(block.image) if block.image else None}


def compile_test(block: Test, context: PlanContext) -> JobPart:
    """The test part of a planned job."""
    spec = TestSpec(tuple(block.junit), tuple(block.coverage), block.min_coverage, block.min_branch_coverage)
    return {"steps": _steps(block.steps), "test": spec}


def _steps(blocks: list[StepBlock]) -> tuple[Step, ...]:
    return tuple(Step(step.run, step.name, step.shell, step.env, step.timeout) for step in blocks)


def _image_spec(block: Image) -> ImageSpec:
    return ImageSpec(block.context, block.dockerfile, block.tag, block.build_args, block.push)


def checkout_of(block: Checkout) -> CheckoutSpec:
    """What a job's checkout holds."""
    wanted = None if block.submodules is None else bool(block.submodules)
    return CheckoutSpec(wanted, block.submodules == "recursive", block.lfs)


def retry_of(block: RetryBlock) -> Retry:
    """When a job is retried."""
    return Retry(block.attempts, block.backoff, on=tuple(block.on))


def cache_spec(block: Cache) -> CacheSpec:
    """One cache; expressions in its key are evaluated when the job starts."""
    return CacheSpec(block.key, tuple(block.paths), tuple(block.files), tuple(block.fallbacks))


def executor_of(executor: str | None, container: ContainerBlock | None) -> str:
    """The executor: as written, else chosen by the container block; by default processes."""
    if executor:
        return executor
    if container is None:
        return "process"
    return "kubernetes" if container.cluster else "docker"


def container_spec(block: ContainerBlock) -> ContainerSpec:
    """The container of a job, with its services in the order of the definition."""
    return ContainerSpec(
        block.image,
        pull=block.pull,
        pids=block.pids,
        isolated=block.isolated,
        services=tuple(_service_spec(name, service) for name, service in block.services.items()),
        cluster=block.cluster,
        namespace=block.namespace,
        allow=tuple(block.allow),
        user=block.user,
    )


def _service_spec(name: str, block: Service) -> ServiceSpec:
    return ServiceSpec(
        name,
        block.image,
        command=tuple(block.command),
        env=block.env,
        secrets=tuple(block.secrets),
        ready=block.ready,
        port=block.port,
        ready_timeout_s=block.ready_timeout,
        memory_mb=block.memory_mb,
    )
