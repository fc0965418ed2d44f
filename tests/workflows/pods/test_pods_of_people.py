"""What people ask of pods through the port, on an engine: planned, started once, followed, restarted, deleted."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from activities.kubernetes.memory import MemoryKube
from activities.pods.reading import PodClusters
from domain.access.actions import Action
from domain.clusters.access import Access
from domain.clusters.impersonation import Impersonated, denied
from domain.core.documents import Object
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.pods.manifest import WORKFLOW
from domain.pods.object_action import RESTARTED_AT
from tests.support.guards import OpenGuard
from tests.support.lab import until
from tests.workflows.pods.test_pods import ENDED, there
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.pods import pod_logs
from workers.client.on_engine.pods.pods import EnginePods
from workers.client.pods_ground import PodGround
from workers.client.ports.pages import PageOf
from workers.client.ports.pods import ObjectAt, PodForm, PodLogs, PodRequest
from workers.core.settings import Settings

RUNNING = {"phase": "Running"}
SECRET = "hunter2hunter2"


@dataclass
class Cluster:
    """Implements `PodReader` on a cluster in memory; what its containers write is in `written`."""

    kube: MemoryKube
    written: dict[str, list[str]] = field(default_factory=dict)
    refusal: str = ""
    denied: str = ""
    person: Impersonated | None = None
    """As whom the caller acts."""
    forbidden: tuple[str, ...] = ()
    """Users who read no logs."""

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        return self.kube.get(api_version, kind, name, namespace)

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        return []

    def apply(self, manifest: Object, dry_run: bool = False) -> Object:
        assert dry_run
        if self.refusal:
            raise SluicewayError("SLW943", "refused", why=self.refusal, status=422)
        return manifest

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        return self.denied

    def log(self, namespace: str, pod: str, container: str, since: str = "", *, previous: bool = False) -> str:
        if self.person and self.person.user in self.forbidden:
            raise denied(self.person, "reading logs", "no role")
        return "\n".join(line for line in self.written.get(container, []) if line >= since)


@pytest.fixture
def world(clusters, kube, store, monkeypatch, tmp_path):
    """The port, its cluster, its guard."""
    monkeypatch.setattr(pod_logs, "LOOK_S", 0)
    guard, cluster = OpenGuard(), Cluster(kube)
    records = SimpleNamespace()
    settings = Settings(tmp_path, tmp_path)
    parts = EngineParts(settings, cast(Any, None), lambda: store, opened=cast(Any, records))
    parts._engine = clusters.engine

    def find(name: str) -> Access:
        if name != "memory":
            raise SluicewayError("SLW952", f"unknown cluster {name}")
        return Access("file:/k")

    ground = PodGround(PodClusters(find, lambda name, person: cluster, lambda name, who: cluster.person))
    return SimpleNamespace(pods=EnginePods(parts, guard, lambda: ground), cluster=cluster, guard=guard, kube=kube)


def request_of(asked, **form: Any) -> PodRequest:
    made = PodForm(**{"image": "registry.example/x:1", **form})
    return PodRequest(cluster="memory", namespace=asked.namespace, name="web", form=made)


def at(asked, kind="Pod", name="web") -> ObjectAt:
    return ObjectAt(cluster="memory", kind=kind, namespace=asked.namespace, name=name)


async def test_what_was_planned_is_started_once_shown_listed_and_deleted(world, asked):
    wanted = request_of(asked)
    plan = await world.pods.plan(wanted)
    assert not world.kube.pods
    id_ = await world.pods.apply(wanted, plan.digest)
    await there(world.kube, asked)
    assert await world.pods.apply(wanted, plan.digest) == id_ == plan.id
    world.kube.set(asked.namespace, "web", RUNNING, "n1")

    async def runs():
        found = await world.pods.show(id_)
        return found if found.row.phase == "Running" else None

    found = await until(runs)
    listed = await world.pods.list("memory", asked.namespace, PageOf(), running=True)
    assert ([row.id for row in listed.items], found.row.node, world.kube.created) == ([id_], "n1", 1)
    await world.pods.end(id_, "done with it")

    async def gone():
        found = await world.pods.show(id_)
        return found if found.row.ended_at is not None else None

    ended = await until(gone)
    assert (ended.row.phase, bool(ended.logs)) == ("cancelled", True)
    kept = await world.pods.log(PodLogs(cluster="memory", namespace=asked.namespace, pod="web"))
    assert [line.text for line in kept.lines] == ["main of web"]
    with pytest.raises(SluicewayError, match="SLW950"):
        await world.pods.end(id_, "again")


async def test_what_would_be_another_pod_by_now_is_not_started(world, asked):
    plan = await world.pods.plan(request_of(asked))
    with pytest.raises(RefusedError, match="SLW467"):
        await world.pods.apply(request_of(asked, env={"A": "b"}), plan.digest)
    world.kube.create({"kind": "Pod", "metadata": {"namespace": asked.namespace, "name": "web"}, "spec": {}})
    with pytest.raises(DefinitionError, match="there already"):
        await world.pods.apply(request_of(asked), plan.digest)
    assert world.kube.created == 1


async def test_what_the_cluster_refuses_is_said_at_the_line_of_the_manifest(world, asked):
    world.cluster.refusal = "422: spec.containers[0].image: Required value"
    text = "kind: Pod\nspec:\n  containers:\n    - name: a\n      image: x:1\n"
    plan = await world.pods.plan(replace(request_of(asked), manifest=text))
    (error,) = [one for one in plan.remarks if one.severity == "error"]

    assert (error.code, error.line, plan.digest) == ("SLW311", 5, "")


async def test_a_secret_needs_a_right_of_its_own_and_its_value_is_nowhere(world, asked):
    wanted = request_of(asked, secrets={"TOKEN": "cloud-token"})
    plan = await world.pods.plan(wanted)
    world.guard.refused = frozenset({Action.EFFECT_SECRET})
    with pytest.raises(RefusedError, match="SLW410"):
        await world.pods.apply(wanted, plan.digest)
    world.guard.refused = frozenset()
    id_ = await world.pods.apply(wanted, plan.digest)
    await there(world.kube, asked)
    told = str([plan, world.guard.used, await world.pods.show(id_)])

    assert "cloud-token" in told
    assert SECRET not in told
    world.kube.set(asked.namespace, "web", ENDED)


async def test_who_may_only_read_changes_nothing(world, asked):
    plan = await world.pods.plan(request_of(asked))
    world.guard.refused = frozenset({Action.CLUSTERS_CHANGE})
    for call in (
        world.pods.plan(request_of(asked)),
        world.pods.apply(request_of(asked), plan.digest),
        world.pods.end(plan.id, ""),
        world.pods.restart(at(asked), ""),
        world.pods.remove(at(asked), ""),
    ):
        with pytest.raises(RefusedError, match="SLW410"):
            await call
    assert not world.kube.pods


async def test_a_cluster_that_one_may_not_know_of_is_like_one_that_is_not_there(world, asked):
    async def answer(cluster: str) -> str:
        with pytest.raises(SluicewayError) as refused:
            await world.pods.remove(replace(at(asked), cluster=cluster), "")
        return f"{refused.value.code} {refused.value.what}".replace(cluster, "NAME")

    nothing = await answer("absent")
    world.guard.refused = frozenset({Action.CLUSTERS_READ, Action.CLUSTERS_CHANGE})
    assert await answer("memory") == nothing


async def test_a_pod_of_a_workload_is_restarted_by_the_workload(world, asked):
    space = asked.namespace

    def owned(kind: str, name: str, by: tuple[str, str] | None) -> None:
        owner = [{"kind": by[0], "name": by[1], "controller": True}] if by else []
        meta = {"namespace": space, "name": name, "uid": f"u-{kind}", "ownerReferences": owner}
        world.kube.create({"kind": kind, "metadata": meta, "spec": {}})

    owned("Pod", "web", ("ReplicaSet", "web-1"))
    owned("ReplicaSet", "web-1", ("Deployment", "web"))
    owned("Deployment", "web", None)
    id_ = await world.pods.restart(at(asked), "slow")

    assert id_ == f"object/memory/{space}/Deployment/web"
    assert RESTARTED_AT in str(world.kube.changes[f"Deployment {space}/web"])
    owned("Pod", "lonely", None)
    with pytest.raises(RefusedError, match="SLW468"):
        await world.pods.restart(at(asked, name="lonely"), "")


async def test_owners_that_go_round_in_circles_and_workflows_that_somebody_made_up_lead_nowhere(world, asked):
    space = asked.namespace
    circle = [{"kind": "Pod", "name": "web", "controller": True}]
    notes = {WORKFLOW: f"pod/memory/{space}/web/7"}
    meta = {"namespace": space, "name": "web", "ownerReferences": circle, "annotations": notes}
    world.kube.create({"kind": "Pod", "metadata": meta, "spec": {}})
    with pytest.raises(RefusedError, match="SLW468"):
        await world.pods.restart(at(asked), "")
    for odd in ("../../secrets", "a/b", "web?x"):
        with pytest.raises(SluicewayError, match="SLW950"):
            await world.pods.remove(at(asked, name=odd), "")
    assert await world.pods.remove(at(asked), "") == f"object/memory/{space}/Pod/web"
    assert not world.kube.pods


async def test_logs_of_all_containers_are_followed_searched_and_masked(world, asked):
    env = [{"name": "T", "valueFrom": {"secretKeyRef": {"name": "token", "key": "t"}}}]
    containers = [{"name": "app", "env": env}, {"name": "proxy"}]
    world.kube.create(
        {
            "kind": "Pod",
            "metadata": {"namespace": asked.namespace, "name": "web"},
            "spec": {"containers": containers},
        }
    )
    data = {"t": base64.b64encode(SECRET.encode()).decode()}
    world.kube.create({"kind": "Secret", "metadata": {"namespace": asked.namespace, "name": "token"}, "data": data})
    world.cluster.written = {
        "app": ["2027-01-15T08:00:00Z one", f"2027-01-15T08:00:02Z token {SECRET}"],
        "proxy": ["2027-01-15T08:00:01Z two"],
    }
    which = PodLogs(cluster="memory", namespace=asked.namespace, pod="web")
    first = await world.pods.log(which)
    world.cluster.written["proxy"].append("2027-01-15T08:00:03Z Three")
    more = await world.pods.log(which, first=4)
    alone = await world.pods.log(replace(which, container="proxy"))

    assert [line.text for line in first.lines] == ["[app] one", "[proxy] two", "[app] token ***"]
    assert ([line.text for line in more.lines], more.ended) == (["[proxy] Three"], False)
    assert [line.text for line in alone.lines] == ["two", "Three"]
    assert await world.pods.search(which, "three") == (4,)
    assert await world.pods.containers("memory", asked.namespace, "web") == ("app", "proxy")
    with pytest.raises(SluicewayError, match="SLW950"):
        await world.pods.log(replace(which, container="other"))
    world.guard.refused = frozenset({Action.LOGS_READ})
    with pytest.raises(RefusedError, match="SLW410"):
        await world.pods.log(which)


async def test_a_pod_of_ours_is_not_ended_for_somebody_whom_the_cluster_does_not_let_delete_pods(world, asked):
    plan = await world.pods.plan(request_of(asked))
    id_ = await world.pods.apply(request_of(asked), plan.digest)
    await there(world.kube, asked)
    world.cluster.person, world.cluster.denied = Impersonated("sluiceway:ann"), "no role"
    for call in (world.pods.end(id_, ""), world.pods.remove(at(asked), ""), world.pods.restart(at(asked), "")):
        with pytest.raises(RefusedError, match="SLW974"):
            await call
    world.kube.set(asked.namespace, "web", ENDED)


async def test_what_one_person_has_read_of_a_log_is_not_shown_to_another_whom_the_cluster_refuses(
    world, asked, monkeypatch
):
    meta, spec = {"namespace": asked.namespace, "name": "web"}, {"containers": [{"name": "app"}]}
    world.kube.create({"kind": "Pod", "metadata": meta, "spec": spec})
    world.cluster.written, world.cluster.forbidden = {"app": ["2027-01-15T08:00:00Z one"]}, ("sluiceway:cat",)
    which = PodLogs(cluster="memory", namespace=asked.namespace, pod="web")
    monkeypatch.setattr(pod_logs, "LOOK_S", 60)
    world.cluster.person = Impersonated("sluiceway:ann")
    assert [line.text for line in (await world.pods.log(which)).lines] == ["one"]
    world.cluster.person = Impersonated("sluiceway:cat")
    with pytest.raises(RefusedError, match="SLW974"):
        await world.pods.log(which)
