"""What a registered environment lets its releases have beyond their own pods; nothing, where nobody said it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Power(StrEnum):
    """Something of a pod that reaches beyond it.

    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ (baseline)
    """

    CAPABILITIES = "capabilities"
    CSI = "csi"
    DEVICES = "devices"
    HOST_NETWORK = "host-network"
    HOST_PATH = "host-path"
    HOST_PORT = "host-port"
    HOST_PROCESSES = "host-processes"
    NODE = "node"
    PRIVILEGED = "privileged"
    RUNTIME_CLASS = "runtime-class"
    SYSCTLS = "sysctls"
    UNCONFINED = "unconfined"


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """By name, each of them."""

    kinds: tuple[str, ...] = ()
    """Further kinds as `keda.sh/v1alpha1/ScaledObject`, or `v1/PersistentVolumeClaim`; of the namespace only."""
    powers: tuple[Power, ...] = ()
    accounts: tuple[str, ...] = ()
    """Service accounts whose tokens pods may have."""
    shared: tuple[str, ...] = ()
    """Objects of the namespace that pods may read, as `Secret/registry`: they are changed under running releases."""
    labels: tuple[str, ...] = ()
    """Keys of labels that pods keep from their source: whatever else selects by them finds every version."""
    annotations: tuple[str, ...] = ()
    """Keys of annotations that controllers, webhooks and network plugins of the cluster take for orders."""
