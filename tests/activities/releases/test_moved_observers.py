"""The observer of a part of a whole goes on, on another machine, where the one before it was."""

from pathlib import Path

from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.metric_sources.port import Comparison
from activities.releases.observer import ObserverActivities
from activities.releases.port import Observed, ObserveInput
from activities.releases.shared_ticks import SharedTicks
from activities.releases.tick_file import TickFile
from activities.storage.database import Database
from activities.storage.opening import open_database
from activities.storage.stores.folder import FolderStore
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.judge.policy import Policy
from domain.releases.judge.ramp import RampDecision
from domain.releases.traffic_baseline import Baseline
from tests.support.fakes import FastClock

PART = "release/web/shops/2"
OLD, NEW = (
    Deployment(service="web", environment="shops", instance=f"r{version}", spec=DeploySpec(version=version))
    for version in ("1", "2")
)
ASKED = ObserveInput(PART, Comparison(NEW, OLD, Policy(tick_s=0.1), Baseline(), 20.0), shared=True)


def machine(root: Path, database: Database) -> ObserverActivities:
    source = MemorySource()
    source.error_rate, source.per_tick = {"2": 0.2}, 60
    store, shared = FolderStore(root / "store"), SharedTicks(database)
    return ObserverActivities(root, store, lambda policy: [source], FastClock(), shared=shared)


async def observed(one: ObserverActivities) -> Observed:
    return await ActivityEnvironment().run(one.observe, ASKED)


async def test_another_machine_has_the_same_ticks_and_comes_to_the_same_decision(tmp_path: Path) -> None:
    database = open_database(tmp_path / "records.db")
    first, second = machine(tmp_path / "a", database), machine(tmp_path / "b", database)
    TickFile(second.root, PART).append({"tick": 0})  # of an earlier time, when it was here
    seen = await observed(first)
    again = await observed(second)

    assert (seen.call, len(seen.rows) > 1) == (RampDecision.BACK, True)
    assert again == seen
    assert await ActivityEnvironment().run(machine(tmp_path / "c", database).keep, PART) == seen.digest
    database.close()


async def test_a_database_that_is_away_holds_no_observer_up(tmp_path: Path) -> None:
    database = open_database(tmp_path / "records.db")
    database.execute(text("drop table shared_ticks"))

    assert (await observed(machine(tmp_path, database))).call is RampDecision.BACK
    database.close()
