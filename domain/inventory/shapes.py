"""What is read of an object of Kubernetes: its fields by the API's names in snake_case; what stands here is all.

Whoever decodes decides how (activities/inventory/decoding.py fills classes of the same fields, six times as fast as
these): read attributes, and ask no value for its class. Fields that a server may write as null have `| None`.

Source: https://kubernetes.io/docs/reference/kubernetes-api/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Texts: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerReference:
    kind: str = ""
    name: str = ""
    controller: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    name: str = ""
    namespace: str = ""
    uid: str = ""
    labels: Texts | None = None
    annotations: Texts | None = None
    creation_timestamp: str | None = ""
    deletion_timestamp: str | None = ""
    deletion_grace_period_seconds: int | None = 0
    owner_references: Sequence[OwnerReference] | None = ()
    finalizers: Sequence[str] | None = ()
    generation: int | None = 0
    resource_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    type: str = ""
    status: str = ""
    reason: str | None = ""
    message: str | None = ""
    last_transition_time: str | None = ""
    last_update_time: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    key: str = ""
    operator: str = ""
    values: Sequence[str] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    match_labels: Texts | None = None
    match_expressions: Sequence[Expression] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    requests: Texts | None = None
    limits: Texts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPort:
    name: str = ""
    container_port: int = 0
    protocol: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    name: str = ""
    image: str = ""
    restart_policy: str = ""
    resources: Resources | None = None
    ports: Sequence[ContainerPort] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSource:
    claim_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ephemeral:
    """A claim that lives as long as its pod, and is called `POD-VOLUME`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodVolume:
    name: str = ""
    persistent_volume_claim: ClaimSource | None = None
    ephemeral: Ephemeral | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSpec:
    node_name: str = ""
    containers: Sequence[Container] | None = ()
    init_containers: Sequence[Container] | None = ()
    volumes: Sequence[PodVolume] | None = ()
    overhead: Texts | None = None
    restart_policy: str = ""
    service_account_name: str = ""
    priority_class_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    started_at: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminated:
    reason: str = ""
    message: str = ""
    exit_code: int = 0
    signal: int = 0
    finished_at: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    running: Running | None = None
    waiting: Waiting | None = None
    terminated: Terminated | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerStatus:
    name: str = ""
    ready: bool = False
    started: bool | None = False
    restart_count: int = 0
    state: ContainerState | None = None
    last_state: ContainerState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodState:
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: Sequence[Condition] | None = ()
    container_statuses: Sequence[ContainerStatus] | None = ()
    init_container_statuses: Sequence[ContainerStatus] | None = ()
    pod_ip: str = ""
    qos_class: str = ""
    start_time: str | None = ""
    nominated_node_name: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()
    status: PodState = PodState()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What something is about, is for, or refers to."""

    kind: str = ""
    name: str = ""
    namespace: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    count: int = 0
    last_observed_time: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Of v1: `involvedObject`, `message`, `count`."""

    metadata: Meta = Meta()
    involved_object: Reference = Reference()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int | None = 0
    first_timestamp: str | None = ""
    last_timestamp: str | None = ""
    event_time: str | None = ""
    series: Series | None = None
