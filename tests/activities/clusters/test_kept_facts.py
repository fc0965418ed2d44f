"""Facts of a cluster are kept with it: read seldom, again after a change, and gone with it."""

from dataclasses import replace

from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.facts_book import FactsBook
from activities.clusters.port import PhaseInput
from activities.clusters.providers.memory import MemoryProvider
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


async def test_facts_are_read_seldom_and_again_after_a_phase(tmp_path):
    book = FactsBook(tmp_path)
    clusters = ClusterActivities({"memory": MemoryProvider()}, permits=Everything(), facts=book)
    first = await ActivityEnvironment().run(clusters.health, SPEC)
    again = await ActivityEnvironment().run(clusters.health, SPEC)
    await ActivityEnvironment().run(clusters.phase, PhaseInput(SPEC, Phase.NODES))
    changed = await ActivityEnvironment().run(clusters.health, SPEC)

    assert [bool(one.facts) for one in (first, again, changed)] == [True, False, True]
    assert book.find("edge") == first.facts
    await ActivityEnvironment().run(clusters.undo, PhaseInput(SPEC, Phase.NODES))
    assert await ActivityEnvironment().run(clusters.leftovers, SPEC) == []
    assert book.find("edge") is None


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


def test_what_is_no_file_of_facts_is_nothing_known(tmp_path):
    book = FactsBook(tmp_path)
    book.remember(FACTS)
    book.remember(replace(FACTS, cluster="other"))
    assert book.find("edge") == FACTS
    for broken in ("[", "[]", "{}"):
        (tmp_path / "edge.json").write_text(broken)
        assert book.find("edge") is None
    assert book.find("../facts/other") is None
    book.forget("other")
    assert book.find("other") is None
