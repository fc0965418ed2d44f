"""Inputs and query answers of pod workflows. Public: fields are only added, with defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from domain.clusters.access import Access
from domain.pods.status import PodPhase
from domain.secrets.rules import SecretUse


@dataclass(frozen=True)
class PodInput:
    """Input of a pod; the manifest is the Kubernetes object, times are in seconds."""

    access: Access
    cluster: str
    namespace: str
    name: str
    manifest: dict[str, Any]  # JSON: the converter of messages reads no recursive type
    _: KW_ONLY
    files: dict[str, str] = field(default_factory=dict)
    attempt: int = 1
    timeout_s: float = 3600
    idempotent: bool = False
    """Two copies are harmless: it may be rescheduled while its node is only silent."""
    attempts: int = 3
    """Limit of placements when nodes are lost."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Environment variables to names of secrets; histories never hold the values."""
    use: SecretUse = SecretUse()
    """What decides which secrets it may have."""
    local: bool = False
    """Its steps are local activities, and its waits share a timer. `start_pod` sets it; it stands for a patch, which
    would cost each pod two events: pods from before 2026-12 have none.
    """


@dataclass(frozen=True)
class Transition:
    """A phase that the pod entered, and when (seconds since the epoch)."""

    at: float
    phase: PodPhase
    reason: str = ""


@dataclass(frozen=True)
class PodResult:
    """`exit_code` -1: none. `logs`: digest in the store."""

    phase: PodPhase
    reason: str = ""
    _: KW_ONLY
    exit_code: int = -1
    logs: str = ""
    gap: str = ""
    node: str = ""
    attempts: int = 1
    """Placements so far."""
    transitions: tuple[Transition, ...] = ()
    earlier: tuple[str, ...] = ()
    """Digests of the logs of placements that were restarted, the oldest first."""
