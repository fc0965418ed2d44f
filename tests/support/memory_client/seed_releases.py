"""Releases, environments and queues of the seeded world."""

from __future__ import annotations

from tests.support.memory_client.world import NOW, World
from workers.client.ports.releases import (
    ClusterRow,
    Demand,
    EnvironmentRow,
    EvidenceRow,
    HolderRow,
    LiveRow,
    QueueRow,
    ReleaseDetails,
    ReleaseRow,
    TickRow,
    WaiterRow,
)

VERDICTS = ("live", "rolled-back", "live", "aborted", "failed")
ENVIRONMENTS = ("production", "staging")


def add_releases(world: World, run: str) -> None:
    """Twelve in each environment; the last one of production is a canary under way."""
    for environment in ENVIRONMENTS:
        for number in range(1, 13):
            under_way = environment == "production" and number == 12
            details = _release(environment, number, run, under_way)
            world.releases[details.row.id] = details
        world.environments[environment] = _environment(world, environment)
    world.queues["queue/runs/web-shop"] = QueueRow(
        id="queue/runs/web-shop",
        holders=(HolderRow(run, NOW),),
        waiting=(WaiterRow("run/web-shop/31", "place 1 of 1"),),
        length=1,
    )
    world.queues["environment/production"] = QueueRow(
        id="environment/production", holders=(HolderRow("release/web-shop/production/12", NOW),)
    )


def _release(environment: str, number: int, run: str, under_way: bool) -> ReleaseDetails:
    began = NOW - (12 - number) * 7_200 - 600
    row = ReleaseRow(
        id=f"release/web-shop/{environment}/{number}",
        service="web-shop",
        environment=environment,
        number=number,
        run=run,
        version=f"1.4.{number}",
        strategy="canary",
        verdict="" if under_way else VERDICTS[number % len(VERDICTS)],
        reason='errors <b>rose</b> to 4.2 % "at once"' if number % 5 == 1 and not under_way else "",
        started_at=began,
        ended_at=None if under_way else began + 900,
    )
    evidence = EvidenceRow(
        metric="error-rate",
        evidence=12.5,
        threshold=20,
        canary_events=3,
        canary_requests=400,
        stable_events=5,
        stable_requests=1_600,
    )
    ticks = [
        TickRow(at=began + at * 5, percent=min(100, at // 4), canary_errors=0.01, stable_errors=0.004)
        for at in range(100)
    ]
    return ReleaseDetails(
        row=row,
        doing="observe 1.4.12 at 25 %" if under_way else "",
        waiting_for="more requests" if under_way else "",
        previous=f"1.4.{number - 1}",
        percent=25 if under_way else 100,
        evidence=(evidence,) if under_way else (),
        ticks=tuple(ticks),
        clusters=(
            ClusterRow(
                cluster="eu-1", wave=1, standing="live", release=f"{row.id}", percent=100, since=NOW, proven=True
            ),
            ClusterRow(cluster="eu-2", wave=2, standing="releasing", percent=25, since=NOW, evidence=(evidence,)),
            ClusterRow(cluster="us-1", wave=2, standing="back", since=NOW, reason='<b>it</b> was not "ready"'),
            ClusterRow(cluster="us-2", wave=3),
        )
        if under_way
        else (),
        story=((began, "starts 1.4.12"), (began + 60, "sends 25 % of the traffic: 2 processes are ready")),
        temporal=f"/temporal/namespaces/default/workflows/{row.id.replace('/', '%2F')}",
    )


def _environment(world: World, name: str) -> EnvironmentRow:
    live = LiveRow(
        environment=name,
        service="web-shop",
        version="1.4.11",
        commit="0" * 40,
        since=NOW - 7_200,
        by="ann",
        release=f"release/web-shop/{name}/11",
        drift="2 processes run that no release started" if name == "staging" else "",
        standby="1.4.10",
    )
    holder = "release/web-shop/production/12" if name == "production" else ""
    rule = {"quorum": 2, "groups": ["release-managers"], "trust": "signed"}
    demands = (Demand("a deployment needs 2 approvals", "apply"), Demand("group release-managers may decide", "apply"))
    return EnvironmentRow(
        name=name,
        rule=rule,
        demands=demands,
        holder=holder,
        waiting=1 if holder else 0,
        live=(live,),
        services=1,
    )
