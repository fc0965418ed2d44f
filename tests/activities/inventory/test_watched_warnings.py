"""A warning explains what it is about, and has an end."""

from __future__ import annotations

import pytest

from domain.inventory.model import Health
from tests.activities.inventory.scene import pod, warning, watching
from tests.support.lab import until

pytestmark = pytest.mark.usefixtures("soon")


async def test_a_warning_explains_its_pod_and_the_pod_its_workload(played, seen):
    container = {"name": "main", "ready": False, "state": {"waiting": {"reason": "ContainerCreating"}}}
    waits = pod(phase="Pending", conditions=[], containerStatuses=[container])
    owner = [{"kind": "ReplicaSet", "name": "web-5d", "controller": True}]
    meta = {"labels": {"pod-template-hash": "5d"}, "ownerReferences": owner}
    await played.put("Deployment", "web", "team", spec={"replicas": 1}, status={"updatedReplicas": 1, "replicas": 1})
    await played.put("Pod", "web-5d-x", "team", metadata=meta, **waits)
    async with watching(played, seen):
        await seen.synced()
        await seen.has("Deployment", "web", "team", health=Health.PROGRESSING.rank)
        await played.put("Event", "e", "team", **warning("Pod", "web-5d-x", "FailedMount", 'secret "key" not found'))
        await seen.has("Pod", "web-5d-x", "team", reason='FailedMount: secret "key" not found')
        late = await seen.has("Deployment", "web", "team", health=Health.DEGRADED.rank)
        await played.put("Pod", "web-5d-x", "team", metadata=meta, **pod())
        await seen.has("Pod", "web-5d-x", "team", status="Running", reason="")
        await seen.has("Deployment", "web", "team", health=Health.PROGRESSING.rank)

        ended = await until(lambda: one if (one := seen.events()["FailedMount"])["ended_at"] else None)
    assert late["reason"].endswith('pod web-5d-x: FailedMount: secret "key" not found')
    assert ended["ended_because"] == "it is healthy again"


async def test_a_warning_explains_why_a_claim_has_no_volume(played, seen):
    await played.put("PersistentVolumeClaim", "data", "team", spec={"storageClassName": "gold"})
    async with watching(played, seen):
        await seen.has("PersistentVolumeClaim", "data", "team", health=Health.PROGRESSING.rank)
        said = warning("PersistentVolumeClaim", "data", "ProvisioningFailed", 'storageclass "gold" not found')
        await played.put("Event", "e", "team", **said)
        found = await seen.has("PersistentVolumeClaim", "data", "team", health=Health.DEGRADED.rank)
    assert found["reason"] == 'ProvisioningFailed: storageclass "gold" not found'


async def test_events_that_kubernetes_has_forgotten_meanwhile_have_ended(played, seen):
    await played.put("Event", "kept", "team", **warning("Pod", "p", "Kept", "still"))
    await played.put("Event", "gone", "team", **warning("Pod", "q", "Gone", "no more"))
    async with watching(played, seen):
        await until(lambda: len(seen.events()) == 2)
    await played.delete("Event", "gone", "team")
    async with watching(played, seen):
        ended = await until(lambda: one if (one := seen.events()["Gone"])["ended_at"] else None)

    assert ended["ended_because"].startswith("Kubernetes has forgotten it")
    assert not seen.events()["Kept"]["ended_at"]


async def test_a_warning_about_what_is_deleted_has_ended(played, seen):
    await played.put("Pod", "p", "team", **pod(phase="Pending", conditions=[]))
    await played.put("Event", "e", "team", **warning("Pod", "p", "FailedScheduling", "0/1 nodes"))
    async with watching(played, seen):
        await until(lambda: seen.events().get("FailedScheduling"))
        await played.delete("Pod", "p", "team")
        ended = await until(lambda: one if (one := seen.events()["FailedScheduling"])["ended_at"] else None)

    assert ended["ended_because"] == "what it was about is gone"
