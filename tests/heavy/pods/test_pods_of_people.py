"""What people ask of pods, at a real API server: a dry run with its line, logs as they grow, a restart, a deletion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.kubernetes.impersonation import nobody
from activities.kubernetes.kubeconfigs import AddressBook
from activities.pods.objects import ObjectActivities
from activities.pods.port import ObjectDone, ObjectWish
from activities.pods.reading import KubeReader
from domain.clusters import metadata
from domain.core.documents import Manifest, Node
from domain.pods.manifest import PodSpec, manifest
from domain.pods.object_action import RESTARTED_AT, ObjectAction
from domain.secrets.rules import SecretUse
from tests.support.lab import until
from tests.support.made_clusters import IMAGE, Made
from workers.client.on_engine.pods import pod_logs
from workers.client.on_engine.pods.pod_plans import plan
from workers.client.ports.pods import PodForm, PodLogs, PodRequest

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]
AT = "2026-11-30T04:00:00Z"
WRITES = "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done"
TEXT = """\
kind: Pod
spec:
  containers:
    - name: a
      image: x:1
      ports:
        - containerPort: 70000
"""


def named(made: Manifest, name: str) -> Manifest:
    return {**made, "metadata": {"name": name, "namespace": "default"}}


@pytest.fixture
async def writer(real_node: Made) -> AsyncIterator[str]:
    """A pod that writes a line five times a second."""
    spec = PodSpec(IMAGE, ("sh", "-c", WRITES), pull="Never")
    real_node.kube.create(named(manifest(spec), "writer"))

    def phase() -> bool:
        return Node(real_node.kube.get("v1", "Pod", "writer", "default")).at("status", "phase").text() == "Running"

    await until(phase, 120)
    yield "writer"
    real_node.kube.delete("v1", "Pod", "writer", "default", grace_s=0)


def test_a_dry_run_takes_what_basic_mode_makes_and_refuses_at_the_line(simulated: Made) -> None:
    server, use = KubeReader(simulated.kube), SecretUse(by_hand=True)
    form = PodForm(image=IMAGE, command=("true",), files={"a.txt": "x"}, secrets={"T": "token"}, cpu=0.1)
    fine = plan(PodRequest(cluster="edge", name="fine", form=form), simulated.access, server, use)
    wrong = plan(PodRequest(cluster="edge", name="wrong", manifest=TEXT), simulated.access, server, use)

    assert (fine.plan.tried, bool(fine.plan.digest)) == ("", True)
    assert [(one.code, one.line) for one in wrong.plan.remarks if one.severity == "error"] == [("SLW311", 7)]
    assert simulated.kube.get("v1", "Pod", "fine", "default") is None
    assert simulated.kube.get("v1", "Pod", "dry-run", "default") is None


async def test_lines_come_once_and_in_order_while_they_are_written(
    real_node: Made, writer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pod_logs, "LOOK_S", 0)
    server, spools = KubeReader(real_node.kube), pod_logs.Spools()
    which, found = (
        PodLogs(cluster="edge", namespace="default", pod=writer),
        real_node.kube.get("v1", "Pod", writer, "default"),
    )
    assert found is not None

    def read() -> list[str]:
        spool = pod_logs.read(spools, server, which, found)
        return [line.text for line in spools.lines(spool, 1, 1_000).lines]

    texts = await until(lambda: seen if len(seen := read()) >= 20 else None, 60)
    assert texts == [f"line {number}" for number in range(1, len(texts) + 1)]


async def test_a_deployment_is_restarted_once_for_a_wish_and_a_pod_is_deleted_by_its_uid(
    simulated: Made, tmp_path: Path
) -> None:
    simulated.kube.create(named(manifest(PodSpec(IMAGE, ("sleep", "60"))), "idle"))
    book = AddressBook(tmp_path)
    book.remember("edge", simulated.access)
    objects = ObjectActivities(lambda access, cluster: simulated.kube, book, permits=Everything(), hands=nobody)
    template = {"metadata": {"labels": {"app": "web"}}, "spec": manifest(PodSpec(IMAGE, ("sleep", "60")))["spec"]}
    template["spec"] = {**Node(template)["spec"].object(), "restartPolicy": "Always"}
    made = simulated.kube.create(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "web"}}, "template": template},
        }
    )

    async def act(wish: ObjectWish) -> ObjectDone:
        return await ActivityEnvironment().run(objects.act, wish)

    wish = ObjectWish("edge", ObjectAction.RESTART, "Deployment", "default", "web", metadata.uid(made), AT)
    for _ in range(2):
        assert not (await act(wish)).refusal
    after = Node(simulated.kube.get("apps/v1", "Deployment", "web", "default"))
    assert after.at("spec", "template", "metadata", "annotations").strings()[RESTARTED_AT] == AT
    assert after.at("metadata", "generation").whole() == 2
    assert (await act(ObjectWish("edge", ObjectAction.DELETE, "Pod", "default", "idle", "another", AT))).refusal
    uid = metadata.uid(simulated.kube.get("v1", "Pod", "idle", "default") or {})
    assert not (await act(ObjectWish("edge", ObjectAction.DELETE, "Pod", "default", "idle", uid, AT))).refusal
    simulated.kube.delete("apps/v1", "Deployment", "web", "default")
