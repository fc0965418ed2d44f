"""Clusters in memory only: for tests of workflows, and for simulation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from activities.clusters.processes import ProgressCallback
from domain.clusters import plan
from domain.clusters.facts import ClusterFacts
from domain.clusters.health import ClusterHealth
from domain.clusters.plan import Item, Phase
from domain.clusters.spec import ClusterSpec
from domain.core.errors import SluicewayError


@dataclass
class MemoryProvider:
    """`failing`, `stubborn`: phase to the errors of applying or undoing, one per call."""

    clusters: dict[str, dict[Phase, list[Item]]] = field(default_factory=dict)
    failing: dict[Phase, list[str]] = field(default_factory=dict)
    stubborn: dict[Phase, list[str]] = field(default_factory=dict)
    blocked: str = ""
    calls: list[str] = field(default_factory=list)
    held: dict[Phase, threading.Event] = field(default_factory=dict)
    """Holds a phase until its event is set."""

    def blocker(self, spec: ClusterSpec) -> str:
        """Returns `blocked`."""
        return self.blocked

    def apply(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Records the call; waits while the phase is held, fails as set in `failing`."""
        self.calls.append(f"apply {phase}")
        if phase in self.held:
            _held(self.held[phase], lambda: told(f"{phase} is held"))
        made = self.clusters.setdefault(spec.name, {})
        made[phase] = [item for item in plan.items(spec) if item.phase is phase]
        _fail(self.failing, phase)

    def missing(self, phase: Phase, spec: ClusterSpec) -> str:
        made = self.clusters.get(spec.name, {})
        if phase not in made:
            return f"{phase} was never applied"
        gone = [item.name for item in plan.items(spec) if item.phase is phase and item not in made[phase]]
        return f"{', '.join(gone)}: not there" if gone else ""

    def undo(self, phase: Phase, spec: ClusterSpec, told: ProgressCallback) -> None:
        """Fails as set in `stubborn`. A cluster without items is forgotten."""
        self.calls.append(f"undo {phase}")
        _fail(self.stubborn, phase)
        made = self.clusters.get(spec.name, {})
        made.pop(phase, None)
        if not [one for items in made.values() for one in items]:
            self.clusters.pop(spec.name, None)

    def existing(self, spec: ClusterSpec) -> list[Item]:
        made = self.clusters.get(spec.name, {})
        return [item for phase in Phase for item in made.get(phase, [])]

    def leftovers(self, spec: ClusterSpec) -> list[str]:
        """Every item that was not undone."""
        return [f"{item.kind} {item.name}" for item in self.existing(spec)]

    def health(self, spec: ClusterSpec) -> ClusterHealth:
        """All nodes are ready; a planned but missing item is drift."""
        have = self.existing(spec)
        nodes = sum(item.kind == "node" for item in have)
        gone = tuple(f"{item.kind} {item.name} is gone" for item in plan.items(spec) if item not in have)
        return ClusterHealth(version="v1.34.4", nodes=nodes, ready=nodes, drift=gone)

    def facts(self, spec: ClusterSpec) -> ClusterFacts | None:
        """A cluster with nothing but its version."""
        return ClusterFacts(cluster=spec.name, read_at="2026-11-29T17:00:00Z", version="v1.34.4")

    def reference(self, spec: ClusterSpec) -> str:
        return f"file:/clusters/{spec.name}/kubeconfig"

    def revive(self) -> list[str]:
        """Always empty: there are no processes."""
        return []


def _fail(table: dict[Phase, list[str]], phase: Phase) -> None:
    if table.get(phase):
        raise SluicewayError("SLW942", table[phase].pop(0))


def _held(event: threading.Event, told: Callable[[], None]) -> None:
    while not event.wait(0.02):
        told()
