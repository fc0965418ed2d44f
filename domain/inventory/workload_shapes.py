"""Shapes of workloads; how to read them: shapes.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.inventory.shapes import Condition, Meta, PodSpec, Reference, Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTemplate:
    metadata: Meta = Meta()


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingUpdate:
    partition: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    type: str = ""
    rolling_update: RollingUpdate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSpec:
    replicas: int | None = 1
    paused: bool = False
    selector: Selector | None = None
    template: Template = Template()
    strategy: Strategy | None = None
    update_strategy: Strategy | None = None
    volume_claim_templates: Sequence[ClaimTemplate] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadState:
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    desired_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0
    updated_number_scheduled: int = 0
    conditions: Sequence[Condition] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Deployment, StatefulSet, DaemonSet."""

    metadata: Meta = Meta()
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadState = WorkloadState()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    completions: int | None = 0
    parallelism: int | None = 0
    suspend: bool | None = False
    template: Template = Template()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    active: int | None = 0
    succeeded: int | None = 0
    failed: int | None = 0
    ready: int | None = 0
    start_time: str | None = ""
    completion_time: str | None = ""
    conditions: Sequence[Condition] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    metadata: Meta = Meta()
    spec: JobSpec = JobSpec()
    status: JobState = JobState()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTemplate:
    spec: JobSpec = JobSpec()


@dataclass(frozen=True, slots=True, kw_only=True)
class CronJobSpec:
    schedule: str = ""
    time_zone: str | None = ""
    suspend: bool | None = False
    job_template: JobTemplate = JobTemplate()


@dataclass(frozen=True, slots=True, kw_only=True)
class CronJobState:
    active: Sequence[Reference] | None = ()
    last_schedule_time: str | None = ""
    last_successful_time: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CronJob:
    metadata: Meta = Meta()
    spec: CronJobSpec = CronJobSpec()
    status: CronJobState = CronJobState()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricIdentifier:
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricValue:
    """One of them is set."""

    average_utilization: int | None = None
    average_value: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSource:
    """`resource` has a `name`, the others a `metric`; a spec has a `target`, a status has `current`."""

    name: str = ""
    metric: MetricIdentifier | None = None
    target: MetricValue | None = None
    current: MetricValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    type: str = ""
    resource: MetricSource | None = None
    container_resource: MetricSource | None = None
    pods: MetricSource | None = None
    object: MetricSource | None = None
    external: MetricSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoscalerSpec:
    scale_target_ref: Reference = Reference()
    min_replicas: int | None = 1
    max_replicas: int = 0
    metrics: Sequence[Metric] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoscalerState:
    current_replicas: int | None = 0
    desired_replicas: int = 0
    last_scale_time: str | None = ""
    current_metrics: Sequence[Metric] | None = ()
    conditions: Sequence[Condition] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscaler:
    """HorizontalPodAutoscaler of autoscaling/v2."""

    metadata: Meta = Meta()
    spec: AutoscalerSpec = AutoscalerSpec()
    status: AutoscalerState = AutoscalerState()
