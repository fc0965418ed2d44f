"""What healing does to workloads and nodes, on a real API server with simulated nodes."""

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.clusters.port import RepairInput, SurveyInput
from activities.clusters.remediation import RemediationActivities
from domain.clusters import remediation as healing
from domain.clusters.remediation import Decision, Remedy, RepairPolicy
from domain.core.documents import Manifest
from tests.support.kube_status import patch_status
from tests.support.lab import until

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(120)]
CRASHED: Manifest = {
    "restartCount": 9,
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "name": "main",
    "image": "web:1",
}
CRASHED |= {"imageID": "", "ready": False}


def deployment(name):
    labels = {"app": name}
    container = {"name": "main", "image": "web:1"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    meta = {"name": name, "namespace": "default"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}


async def running(kube, name):
    """Its pods, once both of them run."""

    def there():
        found = kube.items("v1", "Pod", "default", f"app={name}")
        alive = [one for one in found if not one["metadata"].get("deletionTimestamp")]
        return alive if [one["status"]["phase"] for one in alive] == ["Running"] * 2 else None

    return await until(there, 60)


async def repaired(simulated, decision):
    heal = RemediationActivities(lambda access, cluster: simulated.kube, permits=Everything())
    await ActivityEnvironment().run(heal.mend, RepairInput(simulated.access, simulated.name, decision))


async def test_a_deployment_of_which_all_pods_crash_gets_new_ones(simulated):
    kube = simulated.kube
    kube.apply(deployment("ill"))
    before = await running(kube, "ill")
    for one in before:
        patch_status(kube, "v1", "Pod", one["metadata"]["name"], {"containerStatuses": [CRASHED]}, "default")
    heal = RemediationActivities(lambda access, cluster: kube, permits=Everything())
    seen = await ActivityEnvironment().run(heal.survey, SurveyInput(simulated.access, simulated.name))
    (decision,) = healing.decide(seen, RepairPolicy(), [], 1e9)
    await repaired(simulated, decision)

    assert (decision.remedy, decision.target) == (Remedy.RESTART, "default/Deployment/ill")
    old = {one["metadata"]["uid"] for one in before}

    async def renewed():
        return not old & {one["metadata"]["uid"] for one in await running(kube, "ill")}

    await until(renewed, 60)


async def test_pods_leave_a_node_that_is_drained_and_come_up_elsewhere(simulated):
    kube = simulated.kube
    kube.apply(deployment("moved"))
    node = (await running(kube, "moved"))[0]["spec"]["nodeName"]
    await repaired(simulated, Decision(Remedy.CORDON, node, "full"))
    await repaired(simulated, Decision(Remedy.DRAIN, node, "full"))
    await repaired(simulated, Decision(Remedy.DRAIN, node, "full"))  # a second time changes nothing

    assert node not in {one["spec"]["nodeName"] for one in await running(kube, "moved")}
    await repaired(simulated, Decision(Remedy.UNCORDON, node, "passed"))
