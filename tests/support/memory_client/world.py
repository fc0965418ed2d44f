"""What an engine in memory knows, and how its lists are cut into pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from activities.clusters.request_lists import ListedRequest
from activities.inventory.port import ClusterLife
from domain.access.policy_sets import PolicySet
from domain.access.resource import Resource, ResourceKind
from domain.clusters.spec import ClusterSpec
from domain.core import ids
from domain.core.errors import RefusedError, SluicewayError
from domain.inventory.model import EventRow, ObjectRow, WatchRow
from domain.pods.exec_session import ExecTarget
from workers.client.guard import Guard
from workers.client.on_engine.terminals.exec_live import ExecLive
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.access import GrantRow, PersonRow, SessionRow, TokenRow
from workers.client.ports.approvals import ApprovalDetails
from workers.client.ports.audit import AuditRow
from workers.client.ports.clusters import SignedOrder
from workers.client.ports.findings import FindingRow
from workers.client.ports.fleets import ClusterDetails
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.pods import PodDetails
from workers.client.ports.policies import LabelRow
from workers.client.ports.releases import EnvironmentRow, QueueRow, ReleaseDetails
from workers.client.ports.runs import LogLine, ParamField, PipelineRow, RunDetails
from workers.client.ports.terminals import ExecRow

T = TypeVar("T")
NOW = 1_800_000_000.0
"""When it is read, whatever the clock says: pages look the same in every run."""


@dataclass
class World:
    """Everything of one engine; its clients change it."""

    runs: dict[str, RunDetails] = field(default_factory=dict)
    logs: dict[tuple[str, str, int], list[LogLine]] = field(default_factory=dict)
    reports: dict[str, bytes] = field(default_factory=dict)
    pipelines: dict[str, PipelineRow] = field(default_factory=dict)
    params: dict[str, tuple[ParamField, ...]] = field(default_factory=dict)
    approvals: dict[str, ApprovalDetails] = field(default_factory=dict)
    releases: dict[str, ReleaseDetails] = field(default_factory=dict)
    environments: dict[str, EnvironmentRow] = field(default_factory=dict)
    queues: dict[str, QueueRow] = field(default_factory=dict)
    findings: dict[str, list[FindingRow]] = field(default_factory=dict)
    """Of a run, and, under the name of a pipeline, of its default branch."""
    people: dict[str, PersonRow] = field(default_factory=dict)
    sessions: dict[str, SessionRow] = field(default_factory=dict)
    tokens: dict[str, TokenRow] = field(default_factory=dict)
    grants: dict[str, GrantRow] = field(default_factory=dict)
    labels: dict[str, LabelRow] = field(default_factory=dict)
    policy_sets: list[PolicySet] = field(default_factory=list)
    documents: dict[tuple[str, str], str] = field(default_factory=dict)
    """Kind and name of what is registered to its JSON."""
    cluster_lives: dict[str, ClusterLife] = field(default_factory=dict)
    cluster_specs: dict[str, ClusterSpec] = field(default_factory=dict)
    """What each cluster is to be."""
    cluster_orders: list[tuple[str, SignedOrder | None]] = field(default_factory=list)
    """Cluster and signature of what was wanted."""
    watches: dict[str, WatchRow] = field(default_factory=dict)
    objects: dict[tuple[str, str, str, str], ObjectRow] = field(default_factory=dict)
    """By cluster, kind, namespace and name."""
    warnings: list[EventRow] = field(default_factory=list)
    dialled_work: dict[str, list[str]] = field(default_factory=dict)
    """By cluster that dials out: what waits for the worker in it."""
    cluster_details: dict[str, ClusterDetails] = field(default_factory=dict)
    """What the workflow of a cluster tells; one that has none here does not answer."""
    audit: list[AuditRow] = field(default_factory=list)
    execs: dict[str, ExecRow] = field(default_factory=dict)
    casts: dict[str, str] = field(default_factory=dict)
    """Recordings by the id of their session."""
    requests: dict[str, ListedRequest] = field(default_factory=dict)
    pods: dict[str, PodDetails] = field(default_factory=dict)
    pod_lines: list[LogLine] = field(default_factory=list)
    """What every container has written."""
    tickets: dict[str, tuple[str, ExecTarget | None, str]] = field(default_factory=dict)
    """Secret to whose it is, what for, and why."""
    lives: dict[str, ExecLive] = field(default_factory=dict)
    done: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """Idempotency key to what was asked, and its answer."""

    def copied(self) -> World:
        """Another one that knows the same: lists and tables of its own, of things that do not change."""
        return World(**{name: _copied(kept) for name, kept in vars(self).items()})

    def once(self, key: str, asked: object, answer: Callable[[], T]) -> T:
        """The answer of the first call with this key.

        Raises:
            RefusedError: SLW905, the key was used for something else.
        """
        if not key or key not in self.done:
            found = answer()
            self.done[key or f"-{len(self.done)}"] = (repr(asked), found)
            return found
        before, known = self.done[key]
        if before != repr(asked):
            raise RefusedError("SLW905", "the key of this request was used for another one")
        answered: T = known
        return answered

    def run(self, name: str) -> RunDetails:
        """By id or short name; without an attempt, the latest one.

        Raises:
            SluicewayError: SLW911, there is none.
        """
        try:
            pipeline, number, attempt = ids.split_run(name)
        except ValueError as odd:
            raise SluicewayError("SLW911", f"no record of {name}") from odd
        of = [one for one in self.runs.values() if (one.row.pipeline, one.row.number) == (pipeline, number)]
        found = [one for one in of if attempt in (0, one.row.attempt)]
        if not found:
            raise SluicewayError("SLW911", f"no record of {name}")
        return max(found, key=lambda one: one.row.attempt)

    def change(self, run: RunDetails, status: str, reason: str) -> None:
        """Sets the status of a run."""
        self.runs[run.row.id] = replace(run, row=replace(run.row, status=status, reason=reason, ended_at=NOW))


def _copied(kept: Any) -> Any:
    if isinstance(kept, dict):
        return {key: _copied(value) for key, value in kept.items()}
    return list(kept) if isinstance(kept, list) else kept


def listed(items: Iterable[T], key: Callable[[T], Key], page: PageOf, *of: str, newest_first: bool = False) -> Page[T]:
    """One page of a list that is sorted by a key."""
    limit = limit_of(page)
    rows = sorted(items, key=key, reverse=newest_first)
    if rows and page.after:
        after = after_of(page, tuple(type(part) for part in key(rows[0])), *of)
        assert after is not None
        rows = [one for one in rows if (key(one) < after if newest_first else key(one) > after)]
    more = next_of(key(rows[limit - 1]), *of) if len(rows) > limit else ""
    return Page(tuple(rows[:limit]), next=more, as_of=NOW)


def resource(kind: ResourceKind, name: str, *, pipeline: str = "", environment: str = "") -> Resource:
    """What a right is asked about."""
    return Resource(kind=kind, name=name, pipeline=pipeline, environment=environment)


def readable(guard: Guard, item: object) -> bool:
    """Whether an open guard's list has a row of this pipeline, service or environment."""
    names: tuple[str, ...] | None = getattr(guard, "readable_names", None)
    if names is None:
        return True
    of = {getattr(item, part, "") for part in ("pipeline", "environment", "name", "service")}
    return bool(of & set(names))
