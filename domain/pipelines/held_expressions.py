"""Where a job may contain expressions, and whether a job is the planned one with them evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, TypeAlias

from domain.approvals.spec import ApprovalSpec
from domain.clusters.provision import ProvisionSpec
from domain.core.interpolation import interpolations
from domain.pipelines.cache import CacheSpec
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.job import Job
from domain.pipelines.steps import ImageSpec, Step
from domain.queues.queue import ConcurrencyPolicy
from domain.releases.argocd.job import ArgocdSync
from domain.releases.deploy_spec import DeploySpec
from domain.scans.spec import ScanSpec
from domain.volumes.volume_job import VolumeJob

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Part: TypeAlias = "str | float | bool | Mapping[str, Part] | tuple[Part, ...] | DataclassInstance | None"
"""A value in a job."""

HOLD_EXPRESSIONS: Mapping[type, tuple[str, ...]] = {
    Job: (
        *("env", "steps", "image", "container", "scan", "deploy", "provision", "volume", "argocd_sync"),
        *("approval", "concurrency", "caches"),
    ),
    Step: ("env",),
    ImageSpec: ("tag", "build_args"),
    ContainerSpec: ("image", "cluster", "services"),
    ServiceSpec: ("image", "env"),
    ScanSpec: ("image",),
    DeploySpec: ("version", "image"),
    ProvisionSpec: ("name",),
    VolumeJob: ("cluster",),
    ArgocdSync: ("revision",),
    ApprovalSpec: ("message",),
    ConcurrencyPolicy: ("group",),
    CacheSpec: ("key", "fallbacks"),
}
"""The fields of a job that may contain `${{ … }}`; all others are taken literally."""


def difference(planned: DataclassInstance, ready: DataclassInstance, name: str = "") -> str:
    """The first field in which `ready` is not `planned` with its expressions evaluated; empty: it is.

    What an expression gives is not known here: any text may stand in its place, and the text around it must be the
    same. Fields that may contain none must be equal.
    """
    if type(planned) is not type(ready):
        return name or type(planned).__name__
    held = HOLD_EXPRESSIONS.get(type(planned), ())
    for field in fields(planned):
        before, now = getattr(planned, field.name), getattr(ready, field.name)
        path = f"{name}.{field.name}" if name else field.name
        if field.name in held and (wrong := _difference(before, now, path)):
            return wrong
        if field.name not in held and before != now:
            return path
    return ""


def _difference(planned: Part, ready: Part, path: str) -> str:
    if isinstance(planned, str):
        return "" if isinstance(ready, str) and matches(planned, ready) else path
    if isinstance(planned, Mapping):
        if not isinstance(ready, Mapping) or set(planned) != set(ready):
            return path
        pairs = [(f"{path}.{key}", value, ready[key]) for key, value in planned.items()]
    elif isinstance(planned, tuple):
        if not isinstance(ready, tuple) or len(planned) != len(ready):
            return path
        pairs = [(f"{path}[{at}]", value, ready[at]) for at, value in enumerate(planned)]
    elif is_dataclass(planned):
        return difference(planned, ready, path) if is_dataclass(ready) else path
    else:
        return "" if planned == ready else path
    return next((wrong for where, one, other in pairs if (wrong := _difference(one, other, where))), "")


def matches(template: str, text: str) -> bool:
    """Whether a text is a template with each `${{ … }}` replaced by anything. Linear in the text."""
    literals, end = [], 0
    for found in interpolations(template):
        if found.closed:
            literals.append(template[end : found.start])
            end = found.end
    if not literals:
        return template == text
    first, *middle = literals
    last = template[end:]
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, limit = len(first), len(text) - len(last)
    for literal in middle:
        found_at = text.find(literal, at, limit)
        if found_at < 0:
            return False
        at = found_at + len(literal)
    return True
