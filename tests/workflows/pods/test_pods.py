"""A pod is created once, told about as it changes, and gone only after its logs are kept."""

import base64
import threading
from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.kubernetes.discovery import Kubes
from activities.kubernetes.impersonation import nobody
from activities.kubernetes.memory import MemoryKube
from activities.pods import watch as pod_watch
from activities.pods.activities import PodActivities
from activities.pods.port import CreateResult, NamespaceWatch, NewPod, PodAt, Removed
from domain.clusters.access import Access
from domain.core.errors import SluicewayError
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import PodPhase, PodStatus
from domain.secrets.rules import SecretRule, SecretUse
from tests.support.lab import until
from tests.workflows.pods.conftest import Told, node, owned

ENDED = {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"exitCode": 0}}}]}
HAND = SecretUse(by_hand=True)
RULES = [SecretRule(secret=name, by_hand=True) for name in ("cloud-token", "no-such")]
FAILED = {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"exitCode": 7, "reason": "Error"}}}]}


async def there(kube, asked, name="web"):
    async def found():
        return kube.get("v1", "Pod", name, asked.namespace)

    return await until(found)


async def phase(clusters, id_, wanted):
    async def reached():
        view = await clusters.pod(id_)
        return view if view.phase is wanted else None

    return await until(reached)


async def test_its_phases_are_told_and_its_logs_kept_before_it_is_gone(clusters, kube, store, asked):
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    await phase(clusters, id_, PodPhase.PENDING)
    kube.set(asked.namespace, "web", {"phase": "Running"}, "n1")
    await phase(clusters, id_, PodPhase.RUNNING)
    kube.set(asked.namespace, "web", ENDED)
    result = await clusters.pod_result(id_)

    assert [one.phase for one in result.transitions] == ["requested", "Pending", "Running", "Succeeded", "gone"]
    assert (result.phase, result.exit_code, result.node) == (PodPhase.SUCCEEDED, 0, "n1")
    assert store.get(result.logs) == b"main of web\n"
    assert not kube.pods


async def test_a_second_wish_finds_the_first_pod(clusters, kube, asked):
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    again = await clusters.start_pod(asked)
    kube.set(asked.namespace, "web", FAILED)
    result = await clusters.pod_result(id_)

    assert (again, kube.created) == (id_, 1)
    assert (result.phase, result.exit_code) == (PodPhase.FAILED, 7)


async def test_cancelling_ends_the_pod_and_keeps_its_logs(clusters, kube, store, asked):
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    kube.set(asked.namespace, "web", {"phase": "Running"}, "n1")
    await phase(clusters, id_, PodPhase.RUNNING)
    await clusters.end_pod(id_)
    result = await clusters.pod_result(id_)

    assert (result.phase, result.reason) == (PodPhase.FAILED, "cancelled")
    assert store.get(result.logs)
    assert not kube.pods


async def test_a_pod_that_does_not_end_in_time_is_ended(clusters, kube, asked):
    id_ = await clusters.start_pod(replace(asked, timeout_s=0.5))
    result = await clusters.pod_result(id_)

    assert result.phase is PodPhase.FAILED
    assert "did not end within 0.5 s" in result.reason
    assert not kube.pods


async def test_a_pod_that_the_server_refuses_is_failed_with_the_reason(clusters, kube, asked):
    kube.refusal = '403: pods "web" is forbidden: exceeded quota: tenant, used: pods=3'
    result = await clusters.pod_result(await clusters.start_pod(asked))

    assert (result.phase, result.reason) == (
        PodPhase.FAILED,
        "the namespace's quota is exhausted: tenant, used: pods=3",
    )


async def test_a_pod_of_somebody_else_is_left_alone(clusters, kube, asked):
    kube.create({"kind": "Pod", "metadata": {"namespace": asked.namespace, "name": "web"}, "spec": {}})
    result = await clusters.pod_result(await clusters.start_pod(asked))

    assert "was not created here" in result.reason
    assert kube.get("v1", "Pod", "web", asked.namespace)


async def test_a_pod_that_somebody_removes_is_told_as_failed(clusters, kube, asked):
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    kube.set(asked.namespace, "web", {"phase": "Running"}, "n1")
    await phase(clusters, id_, PodPhase.RUNNING)  # the watch has seen it
    kube.patch("v1", "Pod", "web", {"metadata": {"finalizers": None}}, asked.namespace)
    kube.delete("v1", "Pod", "web", asked.namespace)
    result = await clusters.pod_result(id_)

    assert result.phase is PodPhase.FAILED
    assert result.gap


async def test_a_pod_that_went_before_any_watch_saw_it_is_told_as_failed(clusters, kube, asked, monkeypatch):
    monkeypatch.setattr("workflows.pods.pod.PENDING_S", 0.2)
    monkeypatch.setattr(pod_watch.Watcher, "_note", lambda self, one, seen: None)
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    kube.patch("v1", "Pod", "web", {"metadata": {"finalizers": None}}, asked.namespace)
    kube.delete("v1", "Pod", "web", asked.namespace)

    assert (await clusters.pod_result(id_)).phase is PodPhase.FAILED


async def test_a_pod_that_may_run_twice_moves_when_its_node_is_silent(clusters, kube, asked):
    id_ = await clusters.start_pod(replace(asked, idempotent=True))
    await there(kube, asked)
    kube.set(asked.namespace, "web", {"phase": "Running"}, "n1")
    await phase(clusters, id_, PodPhase.RUNNING)
    kube.nodes["n1"] = node("Unknown")
    await there(kube, asked, "web-2")
    kube.nodes["n1"] = node()
    kube.set(asked.namespace, "web-2", ENDED)
    result = await clusters.pod_result(id_)

    assert (result.phase, result.attempts) == (PodPhase.SUCCEEDED, 2)


async def test_a_pod_that_may_run_once_only_waits_for_its_silent_node(clusters, kube, asked):
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    kube.set(asked.namespace, "web", {"phase": "Running"}, "n1")
    await phase(clusters, id_, PodPhase.RUNNING)
    kube.nodes["n1"] = node("Unknown")
    await phase(clusters, id_, PodPhase.UNKNOWN)
    kube.nodes["n1"] = node()
    kube.set(asked.namespace, "web", ENDED)
    result = await clusters.pod_result(id_)

    assert (result.phase, result.attempts, kube.created) == (PodPhase.SUCCEEDED, 1, 1)
    assert "Unknown" in [one.phase for one in result.transitions]


async def test_a_secret_is_in_the_cluster_and_neither_in_the_history_nor_in_the_logs(
    clusters, kube, store, asked, monkeypatch
):
    monkeypatch.setattr(kube, "logs", lambda *where: "it is hunter2hunter2", raising=False)
    manifest = pod_manifest.manifest(PodSpec("x", secrets=("TOKEN",)))
    id_ = await clusters.start_pod(replace(asked, manifest=manifest, secrets={"TOKEN": "cloud-token"}, use=HAND))
    made = await there(kube, asked)
    kube.set(asked.namespace, "web", ENDED)
    result = await clusters.pod_result(id_)

    (variable,) = made["spec"]["containers"][0]["env"]
    (kept,) = [one for (kind, _, _), one in kube.others.items() if kind == "Secret"]
    assert variable["valueFrom"]["secretKeyRef"] == {"name": kept["metadata"]["name"], "key": "TOKEN"}
    assert kept["data"] == {"TOKEN": base64.b64encode(b"hunter2hunter2").decode()}
    assert store.get(result.logs) == b"it is ***"
    history = await clusters.engine.client.get_workflow_handle(id_).fetch_history()
    assert "hunter2" not in history.to_json()


async def test_a_secret_that_points_at_nothing_is_a_refusal_that_says_so(clusters, kube, asked):
    id_ = await clusters.start_pod(replace(asked, secrets={"TOKEN": "no-such"}, use=HAND))

    assert (await clusters.pod_result(id_)).reason == "secret no-such does not exist in memory"
    assert not kube.pods


async def test_of_a_cluster_that_was_deleted_no_pod_is_waited_for(store, tmp_path):
    kubeconfig = tmp_path / "clusters" / "web" / "kubeconfig"
    activities, run = (
        PodActivities(Kubes(tmp_path / "clusters").open, store, permits=Everything(), hands=nobody),
        ActivityEnvironment().run,
    )
    at = PodAt(Access(f"file:{kubeconfig}"), "web", "a", "x", "pod/x")
    activities._watches[NamespaceWatch(at.access, "web", "a")] = pod_watch.Watcher(MemoryKube(), "a", Told())

    assert await run(activities.create, NewPod(at, owned())) == CreateResult("its cluster was deleted")
    assert await run(activities.explain, at) == ""
    assert await run(activities.look, at) == PodStatus(PodPhase.GONE, "its cluster was deleted")
    assert await run(activities.node_exists, at, "n1") is False
    await run(activities.end, at)
    assert await run(activities.remove, at, False) == Removed(gap="its cluster was deleted")
    assert await run(activities.watch, NamespaceWatch(at.access, "web", "a")) == 0


async def test_a_kubeconfig_of_somebody_else_that_is_away_says_nothing_of_the_cluster(store, tmp_path):
    activities = PodActivities(Kubes(tmp_path / "clusters").open, store, permits=Everything(), hands=nobody)
    at = PodAt(Access(f"file:{tmp_path / 'theirs'}"), "web", "a", "x", "pod/x")

    with pytest.raises(SluicewayError, match="not a usable kubeconfig"):
        await ActivityEnvironment().run(activities.end, at)


async def test_a_pod_that_is_cancelled_while_it_is_made_is_gone_all_the_same(clusters, kube, asked):
    asking, made, really = threading.Event(), threading.Event(), kube.create

    def slow(manifest):
        asking.set()
        made.wait(0.5)  # nobody sets it before: the API server takes its time
        found = really(manifest)
        made.set()
        return found

    kube.create = slow
    id_ = await clusters.start_pod(asked)
    await until(asking.is_set)
    await clusters.end_pod(id_)
    result = await clusters.pod_result(id_)
    await until(made.is_set)

    assert (result.phase, result.reason) == (PodPhase.FAILED, "cancelled")
    await until(lambda: kube.pods == {}, 5)


async def test_a_pod_that_is_cancelled_while_it_is_asked_about_is_gone_all_the_same(clusters, kube, asked):
    id_ = await clusters.start_pod(asked)
    await there(kube, asked)
    kube.set(asked.namespace, "web", {"phase": "Running"}, "n1")
    await phase(clusters, id_, PodPhase.RUNNING)
    asking, go, really = threading.Event(), threading.Event(), kube.get

    def slow(version, kind, name, namespace=""):
        asking.set()
        go.wait(10)
        return really(version, kind, name, namespace)

    kube.get = slow
    kube.nodes["n1"] = node("Unknown")  # whether it still exists is asked next
    await until(asking.is_set)
    await clusters.end_pod(id_)
    go.set()

    assert (await clusters.pod_result(id_)).reason == "cancelled"
    assert kube.pods == {}
