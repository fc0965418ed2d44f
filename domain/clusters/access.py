"""How to reach a cluster, as a value that may stand in histories."""

from __future__ import annotations

from dataclasses import dataclass

IN_CLUSTER = "in-cluster"
"""Uses the service account of the worker's own pod."""
DIALS_OUT = "dials-out"
"""Reached by nobody from here: a worker in it dials out, and asks what is to be done."""


@dataclass(frozen=True)
class Access:
    """A reference to a kubeconfig (`file:PATH`), never its content; `in-cluster` from within a pod, `dials-out`: not
    from here.
    """

    reference: str
    context: str = ""

    @property
    def dials_out(self) -> bool:
        """Whether nobody here can reach it."""
        return self.reference == DIALS_OUT
