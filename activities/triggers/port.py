"""The port of the definition reader, and what the activities of triggers are asked and answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.pipelines.plan import Plan
from domain.pipelines.plan_ref import PlanRef
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind


@dataclass(frozen=True)
class DefinitionResult:
    """What a delivery comes to."""

    starts: bool
    reason: str
    plan: PlanRef = PlanRef()
    problems: tuple[str, ...] = ()
    """Errors of the definition: the run starts, and fails with them."""


@dataclass(frozen=True)
class CompiledDefinition:
    """What the reader made of a definition."""

    starts: bool
    reason: str
    plan: Plan | None = None
    problems: tuple[str, ...] = ()


class DefinitionReader(Protocol):
    """Knows the language of definitions; pipeline_defs does, and the wiring hands it in."""

    def read(
        self, data: bytes, path: str, event: Event, read_file: Callable[[str], bytes | None]
    ) -> CompiledDefinition:
        """What is wrong is a problem of the answer. `read_file`: path or git reference to bytes; None: no such file."""
        ...


@dataclass(frozen=True)
class ScheduledDelivery:
    """What a schedule delivers when it fires."""

    pipeline: str
    repo: str
    path: str
    """Of the definition in the repository."""
    branch: str = ""
    """Empty: HEAD."""
    kind: EventKind = EventKind.SCHEDULE
    actor: str = "schedule"


class DeliveryActivities(Protocol):
    """As workflows call them; their implementation is in delivery.py."""

    @activity.defn(name="read-definition")
    async def read_definition(self, delivery: Delivery) -> DefinitionResult:
        """Reads the definition at the delivery's own commit, whatever the branch says by now."""
        ...

    @activity.defn(name="load-plan-page")
    async def load_page(self, digest: str) -> str:
        """JSON of the jobs on one page of a plan, by its digest."""
        ...


class SchedulingActivities(Protocol):
    """As workflows call them; their implementation is in schedules.py."""

    @activity.defn(name="deliver-schedule")
    async def deliver(self, input: ScheduledDelivery, id_: str) -> str:
        """Idempotent by the id of the workflow that the schedule started."""
        ...
