"""How a cluster is reached, as a value that may travel."""

from __future__ import annotations

from dataclasses import dataclass

IN_CLUSTER = "in-cluster"
"""The service account of the pod that the worker runs in."""


@dataclass(frozen=True)
class Access:
    """A reference (`file:PATH`), never what it holds; `in-cluster` from within a pod."""

    reference: str
    context: str = ""
