"""Facts of a cluster are kept with it: read seldom, again after a change, and gone with it."""

from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

from activities.access.definition_store import DefinitionStore
from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.kept_facts import KeptFacts, known_of
from activities.clusters.port import PhaseInput
from activities.clusters.providers.memory import MemoryProvider
from activities.storage.opening import open_database
from activities.storage.reader import reader_of
from domain.clusters.facts import ClusterFacts, GatewayClass
from domain.clusters.health import ClusterHealth
from domain.clusters.phase import Phase
from domain.clusters.policies import Engine
from domain.clusters.spec import ClusterSpec
from workers.core.conversion import CONVERTER
from workflows.clusters.messages import ClusterState
from workflows.clusters.progress import ClusterProgress

SPEC = ClusterSpec("edge", "memory", pools=())
FACTS = ClusterFacts(
    cluster="edge",
    read_at="2026-11-29T17:00:00Z",
    classes=(GatewayClass(name="edge", controller="a.io/b", features=("Gateway", "HTTPRoute")),),
    policies=(Engine("Kyverno", ("tags",)),),
    pod_security={"shop": "restricted"},
    gateways={"infra/public": "edge"},
)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "records.db"


@pytest.fixture
def kept(place):
    database = open_database(place)
    yield KeptFacts(DefinitionStore(database))
    database.close()


async def test_facts_are_read_seldom_and_again_after_a_phase(kept, place):
    clusters = ClusterActivities({"memory": MemoryProvider()}, permits=Everything(), facts=kept)
    first = await ActivityEnvironment().run(clusters.health, SPEC)
    again = await ActivityEnvironment().run(clusters.health, SPEC)
    await ActivityEnvironment().run(clusters.phase, PhaseInput(SPEC, Phase.NODES))
    changed = await ActivityEnvironment().run(clusters.health, SPEC)

    assert [bool(one.facts) for one in (first, again, changed)] == [True, False, True]
    assert known_of(reader_of(place), ["edge"]) == [first.facts]
    await ActivityEnvironment().run(clusters.undo, PhaseInput(SPEC, Phase.NODES))
    assert await ActivityEnvironment().run(clusters.leftovers, SPEC) == []
    assert known_of(reader_of(place), ["edge"]) == []


async def test_a_cluster_in_trouble_is_asked_for_no_facts(tmp_path):
    class Away(MemoryProvider):
        def health(self, spec):
            return ClusterHealth(trouble="no route to host")

        def facts(self, spec):
            raise AssertionError

    clusters = ClusterActivities({"memory": Away()}, permits=Everything())
    assert (await ActivityEnvironment().run(clusters.health, SPEC)).facts is None


def test_the_last_facts_stay_until_others_are_read():
    progress = ClusterProgress(ClusterState(SPEC))
    progress.look(ClusterHealth(version="v1.34.4", facts=FACTS))
    progress.look(ClusterHealth(version="v1.35.0"))
    assert progress.state == ClusterState(SPEC, health=ClusterHealth(version="v1.35.0"), facts=FACTS)


async def test_facts_come_through_a_history_as_they_are():
    for state in (ClusterState(SPEC, facts=FACTS), ClusterState(SPEC)):
        written = await CONVERTER.encode([state, ClusterHealth(facts=state.facts)])
        assert await CONVERTER.decode(written, [ClusterState, ClusterHealth]) == [
            state,
            ClusterHealth(facts=state.facts),
        ]


def test_of_several_clusters_the_last_facts_are_read_at_once(kept, place):
    other = replace(FACTS, cluster="other")
    for one in (FACTS, replace(other, version="v1.33.0"), other):
        kept.remember(one)
    rows = reader_of(place)
    assert known_of(rows, ["other", "unread", "edge"]) == [other, FACTS]
    assert known_of(rows, []) == []
    kept.forget("other")
    kept.forget("unread")
    assert known_of(rows, ["other", "edge"]) == [FACTS]
