"""Environments with several clusters, and runs that release to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pipeline_defs.releases.environment_model import Environment
from tests.support.lab import Lab, until
from workers.client import releases
from workflows.releases.messages import ClusterView
from workflows.runs.messages import RunResult

DEPLOY = """jobs:
  ship:
    environment: {environment}
    deploy: {{service: web, version: "{version}", command: [x], strategy: {strategy}{analysis}}}
"""
FAST = (
    ", analysis: {tick: 0.1, min-dwell: 0.3, max-dwell: 20, on-inconclusive: promote, warm-up: 0,"
    " first-weight: 20, steps: [50]}"
)
NAMES = ["canary-eu", *(f"eu-{n}" for n in range(1, 5)), *(f"us-{n}" for n in range(1, 6))]
WAVES: list[dict[str, Any]] = [
    {"clusters": "canary-eu"},
    {"clusters": "region=eu", "at-once": 2},
    {"clusters": "region=us", "at-once": 5},
]


def registered(
    lab: Lab, name: str, names: Sequence[str] = NAMES, waves: Sequence[dict[str, Any]] = WAVES, **more: str
) -> None:
    """Registers an environment with these clusters, labelled by region."""
    clusters = {one: {"region": "us" if one.startswith("us") else "eu"} for one in names}
    target = {"kubernetes": {"namespace": "shop", "clusters": clusters, "waves": list(waves), **more}}
    document = {"apiVersion": "sluiceway/v1", "kind": "Environment", "name": name, "trust": "open", "target": target}
    lab.environment(name, Environment.model_validate(document).model_dump_json())


async def begun(lab: Lab, environment: str, version: str, strategy: str = "recreate", how: str = FAST) -> str:
    """A run that releases; its id."""
    analysis = how if strategy == "canary" else ""
    return await lab.start(
        DEPLOY.format(environment=environment, version=version, strategy=strategy, analysis=analysis)
    )


async def seen(lab: Lab, release: str, cluster: str, *standings: str) -> ClusterView:
    """A cluster as the whole shows it, once it stands so."""

    async def there() -> ClusterView | None:
        view = await releases.view(lab.engine, release)
        return next((one for one in view.clusters if one.cluster == cluster and one.standing in standings), None)

    return await until(there)


async def ship(lab: Lab, environment: str, version: str, strategy: str = "recreate") -> RunResult:
    """The run of a release, once it has ended."""
    return await lab.result(await begun(lab, environment, version, strategy))


def ended(lab: Lab, release: str) -> dict[str, Any]:
    """What the records say of a release that is over."""
    found: dict[str, Any] = next(
        json.loads(one["result"]) for one in lab.records.releases.latest() if one["id"] == release
    )
    return found
