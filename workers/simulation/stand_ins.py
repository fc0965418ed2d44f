"""What a simulation has instead of the world: clusters in memory, no attacks, events of no repository."""

from __future__ import annotations

from functools import cache

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.memory import MemoryProvider
from activities.clusters.provisioning import ProvisionActivities
from activities.jobs.port import JobInput
from activities.scans.dast import DastResult
from activities.scans.gate import GateActivities
from domain.releases.spec import DastSpec
from domain.scans.counting import Accepted
from domain.triggers.events import UNBASED, Event, EventKind
from pipeline_defs.simulation import model as case_model
from workers.worker import temporal

PROVIDERS = ("host", "kwok", "kind", "cluster-api", "terraform")


class Unattacked:
    """DAST is skipped: nothing listens in a simulation."""

    async def judged(self, address: str, spec: DastSpec) -> DastResult:
        """Always passes."""
        return DastResult(True, "not attacked in a rehearsal")


class RehearsedGates(GateActivities):
    """A baseline was signed, and is empty: gates that must have one can be tested, and every finding is new."""

    def accepted(self, input: JobInput) -> dict[str, Accepted]:
        """The same for each scan."""
        return dict.fromkeys(input.reports, Accepted(words="the empty baseline of a rehearsal", clean=True))


def remembered_clusters() -> list[temporal.Activity]:
    """Clusters of jobs in memory only."""
    clusters = ClusterActivities(dict.fromkeys(PROVIDERS, MemoryProvider()), permits=Everything())
    provisions = ProvisionActivities()
    return [
        *(clusters.phase, clusters.undo, clusters.leftovers, clusters.differences, clusters.health, clusters.reference),
        *(provisions.change, provisions.settle, provisions.gone),
    ]


@cache
def quiet() -> Runtime:
    """Sets what the test server lacks and the SDK would warn about at each start.

    One for all environments of a process: each has its own threads, which would start and end with it.
    """
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter="ERROR")))


def event_of(given: case_model.Given) -> Event:
    """The event of a test case, for a repository that does not exist; the actor defaults to the author."""
    of = given.event
    return Event(
        EventKind(of.kind),
        "rehearsal",
        "0" * 40,
        branch="" if of.tag else of.branch,
        tag=of.tag,
        author=of.author,
        committer=of.committer,
        actor=of.actor or of.author,
        message=of.message,
        changed_files=tuple(of.changed),
        params=dict(given.params),
        compared=EventKind(of.kind) not in UNBASED or "changed" in of.model_fields_set,
    )
