"""Inputs, messages and query answers of automatic repair. Public: fields are only added, with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.clusters.access import Access
from domain.clusters.autoscaling import Scale
from domain.clusters.remediation import Decision, Done, Observation, RepairPolicy
from workflows.clusters.entry_messages import Entry


@dataclass(kw_only=True)
class HealState:
    """The whole state of `heal/NAME`; carried over by continue-as-new."""

    cluster: str
    access: Access
    policy: RepairPolicy = RepairPolicy()
    seen: Observation | None = None
    decisions: list[Decision] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    scales: list[Scale] = field(default_factory=list)
    empty_since: dict[str, float] = field(default_factory=dict)
    """Node to when it was first seen idle."""
    log: list[Entry] = field(default_factory=list)
