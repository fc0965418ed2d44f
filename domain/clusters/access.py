"""How to reach a cluster, as a value that may stand in histories."""

from __future__ import annotations

from dataclasses import dataclass

IN_CLUSTER = "in-cluster"
"""Uses the service account of the worker's own pod."""


@dataclass(frozen=True)
class Access:
    """A reference to a kubeconfig (`file:PATH`), never its content; `in-cluster` from within a pod."""

    reference: str
    context: str = ""
