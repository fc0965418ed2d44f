"""Requests to clusters: quotas, limits and network exceptions that somebody asks for, and people agree to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.clusters.requests import UNITS, ClusterRequest, RequestKind
from domain.core.errors import RefusedError
from domain.inventory.request_plan import RequestPlan
from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants of a namespace."""

    cluster: str
    namespace: str
    kind: str
    """`quota`, `limits`, `exception`, `priority`."""
    name: str = ""
    """Of a priority class, which is of the whole cluster: `namespace` is empty then."""
    values: Mapping[str, float] = field(default_factory=dict)
    """`cpu`, `memory_mb`, `pods`, `storage_gb`, `claims`; of limits `container_cpu`, `container_memory_mb`. 0: none.
    Of a priority class `value`, `preempts` (1 or 0); without them it is removed.
    """
    allow_from: tuple[str, ...] = ()
    """Namespaces whose pods may connect."""
    allow_to: tuple[str, ...] = ()
    """`CIDR` or `CIDR:PORT` that its pods may reach."""
    reason: str = ""
    until: int = 0
    """When it ends by itself, in Unix seconds; 0: it stays. An exception always ends, within 30 days."""

    def asked_by(self, requester: str) -> ClusterRequest:
        """As the domain has it.

        Raises:
            RefusedError: SLW971, its kind is none.
        """
        if self.kind not in set(RequestKind):
            raise RefusedError("SLW971", f"'{self.kind[:40]}' is none of {', '.join(RequestKind)}")
        return ClusterRequest(
            self.cluster,
            self.namespace,
            RequestKind(self.kind),
            name=self.name,
            values=dict(self.values),
            allow_from=self.allow_from,
            allow_to=self.allow_to,
            reason=self.reason.strip(),
            until=self.until,
            requester=requester,
        )


@dataclass(frozen=True, kw_only=True)
class RequestFilter:
    """Empty texts filter nothing."""

    cluster: str = ""
    namespace: str = ""
    status: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """One request. Times in Unix seconds."""

    id: str
    """`request/CLUSTER/N`."""
    cluster: str
    namespace: str
    kind: str
    status: str
    why: str = ""
    """What it waits for, or how it ended."""
    says: str = ""
    """What is asked for, as a sentence."""
    requester: str = ""
    environment: str = ""
    asked_at: float = 0
    changed_at: float = 0
    until: int = 0


@dataclass(frozen=True)
class RequestEntry:
    """An entry of a request's story."""

    at: float
    words: str


@dataclass(frozen=True, kw_only=True)
class RequestDetails:
    """One request with its plan and its story."""

    row: RequestRow
    plan: RequestPlan
    """While it waits: by what is known now. Afterwards only what it changes."""
    approval: str = ""
    """Id of its approval."""
    stoppable: bool = False
    """Whether there is something to withdraw or end."""
    own: bool = False
    """Whether the caller has asked for it."""
    story: tuple[RequestEntry, ...] = ()
    temporal: str = ""


class Requests(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not."""

    async def plan(self, wish: Wish) -> RequestPlan:
        """What it would change, whether it fits, whom it meets, and why it cannot be asked for. It asks nobody.

        Raises:
            SluicewayError: SLW907, there is no such cluster.
        """
        ...

    async def apply(self, wish: Wish, key: str = "") -> str:
        """Asks those who approve; returns the request's id. `key` makes it idempotent.

        Raises:
            RefusedError: SLW971, it cannot be asked for, and why.
        """
        ...

    async def list(self, filter: RequestFilter, page: PageOf) -> Page[RequestRow]:
        """Newest first."""
        ...

    async def show(self, id_: str) -> RequestDetails:
        """One of them.

        Raises:
            SluicewayError: SLW972, there is none that the caller may read.
        """
        ...

    async def cancel(self, id_: str, reason: str, key: str = "") -> str:
        """Withdraws what waits, or ends what is in force: by who asked, or who may change the cluster.

        Raises:
            SluicewayError: SLW972, there is none that the caller may read; SLW973, there is nothing to end.
        """
        ...


def says(asked: ClusterRequest) -> str:
    """What is asked for, as a sentence."""
    if asked.kind is RequestKind.PRIORITY:
        return _of_class(asked)
    changed = [
        f"{name} {asked.before.get(name, 0):g} → {value:g} {UNITS[name]}" for name, value in asked.values.items()
    ]
    opened = [*(f"from {one}" for one in asked.allow_from), *(f"to {one}" for one in asked.allow_to)]
    return ", ".join([*changed, *opened])


def _of_class(asked: ClusterRequest) -> str:
    value, before = asked.values.get("value"), asked.before.get("value")
    if value is None:
        return f"without class {asked.name}"
    preempts = "" if asked.values.get("preempts", 1) else ", preempts nobody"
    return f"class {asked.name} {'' if before is None else f'{before:.0f} '}→ {value:.0f}{preempts}"
