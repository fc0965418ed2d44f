"""The port of the definition reader, and the messages and signatures of trigger activities."""

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
    """The result of a delivery."""

    starts: bool
    reason: str
    plan: PlanRef = PlanRef()
    problems: tuple[str, ...] = ()
    """Errors of the definition: the run starts, and fails with them."""
    taken: int = 0
    """The pipeline's last recorded number."""


@dataclass(frozen=True)
class CompiledDefinition:
    """The result of the reader."""

    starts: bool
    reason: str
    plan: Plan | None = None
    problems: tuple[str, ...] = ()


class DefinitionReader(Protocol):
    """Parses definitions; implemented in pipeline_defs, and injected by the wiring."""

    def read(
        self, data: bytes, path: str, event: Event, read_file: Callable[[str], bytes | None]
    ) -> CompiledDefinition:
        """Errors are problems of the result. `read_file`: path or git reference to bytes; None: the file does not
        exist.
        """
        ...


@dataclass(frozen=True)
class ScheduledDelivery:
    """What a schedule delivers."""

    pipeline: str
    repo: str
    path: str
    """Path of the definition in the repository."""
    branch: str = ""
    """Empty: HEAD."""
    kind: EventKind = EventKind.SCHEDULE
    actor: str = "schedule"


class DeliveryActivities(Protocol):
    """Signatures of the activities; implemented in delivery.py."""

    @activity.defn(name="read-definition")
    async def read_definition(self, delivery: Delivery) -> DefinitionResult:
        """Reads the definition at the delivery's commit, even if the branch has moved."""
        ...

    @activity.defn(name="load-plan-page")
    async def load_page(self, digest: str) -> str:
        """JSON of the jobs on one page of a plan, by its digest."""
        ...


class SchedulingActivities(Protocol):
    """Signatures of the activities; implemented in schedules.py."""

    @activity.defn(name="deliver-schedule")
    async def deliver(self, input: ScheduledDelivery, id_: str) -> str:
        """Idempotent by the id of the workflow that the schedule started."""
        ...
