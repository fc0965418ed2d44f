"""Input, messages and query answers of requests to clusters. Public: fields are only added, with defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from activities.clusters.port import RequestTold
from domain.clusters.requests import ClusterRequest, RequestStatus

DECIDED_WITHIN_S = 3 * 86_400.0


@dataclass
class RequestState:
    """How far a request is; the query `view` answers it."""

    asked: ClusterRequest
    status: RequestStatus = RequestStatus.WAITING
    _: KW_ONLY
    why: str = ""
    """What it waits for, or how it ended."""
    scope: str = ""
    """Digest of the document that is signed."""
    approvers: tuple[str, ...] = ()
    story: list[RequestTold] = field(default_factory=list)
    stop: str = ""
    """Who withdrew or ended it, and why; empty: nobody."""


@dataclass(frozen=True)
class Ending:
    """What is being taken back, carried over by continue-as-new: it is tried for as long as the cluster refuses."""

    state: RequestState
    status: RequestStatus
    """The one that it ends with."""
    why: str
    attempts: int
    """How often the cluster was asked."""


@dataclass(frozen=True)
class RequestInput:
    """Input of `request/CLUSTER/N`."""

    asked: ClusterRequest
    expires_s: float = DECIDED_WITHIN_S
    """How long people have to decide it."""
    ending: Ending | None = None


@dataclass(frozen=True)
class Stop:
    """Withdraws a request, or ends what it is in force for."""

    by: str
    reason: str = ""
