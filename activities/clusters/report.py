"""A cluster and each of its namespaces as self-contained HTML pages: no scripts, fonts or images from elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from activities.core.templates import template
from activities.kubernetes.port import ObjectApi
from activities.volumes.activities import look
from domain.clusters import metadata
from domain.clusters import namespace_diagram as chart
from domain.clusters.health import ClusterHealth, condition, of_nodes, quantity
from domain.clusters.lifecycle import Blocker, Status
from domain.clusters.manifests import ZONE
from domain.clusters.namespace_diagram import Chart
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.pods.status import PodPhase, PodStatus, status_of
from domain.volumes.volume import VolumeSpec, VolumeStatus

TONES = {
    PodPhase.RUNNING: "passed",
    PodPhase.SUCCEEDED: "passed",
    PodPhase.PENDING: "running",
    PodPhase.FAILED: "failed",
    PodPhase.UNKNOWN: "failed",
}
MOST_PODS = 500


class Told(Protocol):
    """One thing that happened. `at`: seconds since the epoch."""

    @property
    def at(self) -> float: ...
    @property
    def words(self) -> str: ...


class ClusterView(Protocol):
    """What `cluster/NAME` says of its cluster, as far as its pages show it."""

    @property
    def spec(self) -> ClusterSpec: ...
    @property
    def status(self) -> Status: ...
    @property
    def blocker(self) -> Blocker | None: ...
    @property
    def health(self) -> ClusterHealth: ...
    @property
    def since(self) -> float: ...
    @property
    def log(self) -> Sequence[Told]: ...


class NodeRow(NamedTuple):
    """A node, as a line of the cluster's page."""

    name: str
    ready: str
    tone: str
    closed: bool
    zone: str
    room: str
    pods: int
    most: int


class PhaseCount(NamedTuple):
    """How many pods are in a phase."""

    phase: PodPhase
    pods: int
    tone: str


class QuotaRow(NamedTuple):
    """One limit of a quota. `percent`: 0 to 100."""

    name: str
    used: str
    hard: str
    percent: float


class SpaceRow(NamedTuple):
    """A namespace, as a line of the cluster's page."""

    name: str
    phases: list[PhaseCount]
    fullest: QuotaRow | None
    policies: int


class PodRow(NamedTuple):
    """A pod, as a line of its namespace's page."""

    name: str
    seen: PodStatus
    tone: str
    images: str
    restarts: int


def write(api: ObjectApi, state: ClusterView, folder: Path) -> list[Path]:
    """Writes `index.html` and a page for each non-empty namespace. `state`: from the workflow cluster/NAME."""
    folder.mkdir(parents=True, exist_ok=True)
    pods = api.items("v1", "Pod")
    spaces = sorted(metadata.name(one) for one in api.items("v1", "Namespace"))
    pages = {f"{name}.html": _namespace(api, state.spec.name, name, pods) for name in spaces}
    pages["index.html"] = _cluster(api, state, pods, spaces)
    for name, text in pages.items():
        (folder / name).write_text(text)
    return [folder / name for name in sorted(pages, key=lambda name: (name != "index.html", name))]


def _cluster(api: ObjectApi, state: ClusterView, pods: Sequence[Object], spaces: Sequence[str]) -> str:
    nodes = api.items("v1", "Node")
    on = Counter(Node(one).at("spec", "nodeName").text() for one in pods)
    return str(
        template("clusters/cluster").render(
            state=state,
            health=_health(state.health, nodes),
            at=_now(),
            since=_ago(state.since),
            nodes=[_node(one, on) for one in sorted(nodes, key=metadata.name)],
            spaces=[_space(api, name, pods) for name in spaces],
            phases=_phases(pods),
            log=[
                (datetime.fromtimestamp(entry.at, UTC).strftime("%H:%M:%S"), entry.words) for entry in state.log[-30:]
            ],
        )
    )


def _health(known: ClusterHealth, nodes: Sequence[Object]) -> ClusterHealth:
    """Current nodes, with the other values of the last health check."""
    return replace(of_nodes(nodes, known.version, known.capabilities), drift=known.drift)


def _node(one: Object, on: Counter[str]) -> NodeRow:
    name, room, ready = metadata.name(one), Node(one).at("status", "allocatable"), condition(one, "Ready")
    cores, memory_mb = quantity(room["cpu"].text()), quantity(room["memory"].text()) / 2**20
    return NodeRow(
        name=name,
        ready={"True": "ready", "False": "not ready"}.get(ready, "unknown"),
        tone="passed" if ready == "True" else "failed",
        closed=bool(Node(one).at("spec", "unschedulable")),
        zone=metadata.labels(one).get(ZONE, ""),
        room=f"{cores:g} cores, {memory_mb:,.0f} MB",
        pods=on[name],
        most=int(quantity(room["pods"].text())),
    )


def _space(api: ObjectApi, name: str, pods: Sequence[Object]) -> SpaceRow:
    here = [one for one in pods if metadata.namespace(one) == name]
    quotas = [line for one in api.items("v1", "ResourceQuota", name) for line in _quota(one)]
    fullest = max(quotas, key=lambda line: line.percent, default=None)
    return SpaceRow(name, _phases(here), fullest, len(_policies(api, name)))


def _phases(pods: Sequence[Object]) -> list[PhaseCount]:
    counts = Counter(status_of(one).phase for one in pods)
    return [PhaseCount(phase, counts[phase], TONES.get(phase, "")) for phase in PodPhase if counts[phase]]


def _quota(one: Object) -> list[QuotaRow]:
    # `hard` is set at once, `used` only after a controller has counted.
    hard, used = Node(one).at("spec", "hard"), Node(one).at("status", "used")
    return [
        _share(f"{metadata.name(one)}: {key}", used[key].text(), value.text()) for key, value in sorted(hard.fields())
    ]


def _share(name: str, used: str, hard: str) -> QuotaRow:
    percent = min(100.0, round(100 * quantity(used) / (quantity(hard) or 1), 1))
    return QuotaRow(name, used or "not counted yet", hard, percent)


def _policies(api: ObjectApi, name: str) -> list[Object]:
    return api.items("networking.k8s.io/v1", "NetworkPolicy", name)


def _namespace(api: ObjectApi, cluster: str, name: str, pods: Sequence[Object]) -> str:
    here = [one for one in pods if metadata.namespace(one) == name]
    services = [one for one in api.items("v1", "Service", name) if metadata.full_name(one) != "default/kubernetes"]
    drawn: Chart = chart.namespace_diagram(services, here, _policies(api, name))
    quotas = [line for one in api.items("v1", "ResourceQuota", name) for line in _quota(one)]
    return str(
        template("clusters/namespace").render(
            cluster=cluster,
            name=name,
            at=_now(),
            phases=_phases(here),
            pods=[_pod(one) for one in here[:MOST_PODS]],
            hidden=max(len(here) - MOST_PODS, 0),
            quotas=quotas,
            volumes=_volumes(api, name),
            chart=drawn,
            sizes=chart,
        )
    )


def _pod(one: Object) -> PodRow:
    said, now = Node(one), status_of(one)
    images = ", ".join(container["image"].text() for container in said.at("spec", "containers"))
    restarts = sum(container["restartCount"].whole() for container in said.at("status", "containerStatuses"))
    return PodRow(metadata.name(one), now, TONES.get(now.phase, ""), images, restarts)


def _volumes(api: ObjectApi, name: str) -> list[tuple[str, VolumeStatus]]:
    found = []
    for one in api.items("v1", "PersistentVolumeClaim", name):
        claim = metadata.name(one)
        try:
            found.append((claim, look(api, VolumeSpec(claim, name))[0]))
        except SluicewayError:
            continue  # deleted in between
    return found


def _now() -> str:
    return f"{datetime.fromtimestamp(time.time(), UTC):%Y-%m-%d %H:%M:%S} UTC"


def _ago(since: float) -> str:
    return f"{datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S} UTC" if since else ""
