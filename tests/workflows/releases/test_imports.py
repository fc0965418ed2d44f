"""Import of a running Deployment: ordered, recorded, released over, gone back to, undone; over an API server in memory."""

import json
from dataclasses import replace

import pytest

from activities.releases.targets.kubernetes.living import look
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.releases.actions import ReleaseVerdict
from domain.releases.kubernetes.adoption import Asked, plan
from domain.releases.kubernetes.registered import registered as registered_target
from tests.workflows.releases.test_kubernetes_releases import PLACE, cluster, registered, released
from workers.client import importing, releases

pytestmark = pytest.mark.usefixtures("cluster")
__all__ = ["cluster"]

WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "old", "namespace": "shop"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "old"}},
        "template": {
            "metadata": {"labels": {"app": "old"}},
            "spec": {"containers": [{"name": "main", "image": "web:0", "ports": [{"containerPort": 80}]}]},
        },
    },
}


def planned(kube, environment):
    found = registered_target(json.dumps(PLACE))
    assert found is not None
    asked = Asked(service="web", environment=environment, workload="old", place=found.place())
    made = plan(asked, look(kube, asked)).deployment
    assert made is not None
    return made


async def begun(lab, deployment, key="first"):
    id_ = await importing.begin(lab.engine, deployment, f"{key}-{deployment.environment}")
    return id_, await releases.outcome(lab.engine, id_)


async def test_it_is_live_as_r0_then_released_over_gone_back_to_and_undone(cluster):
    lab, kube, _, router = cluster
    registered(lab, "i1")
    kube.apply(WEB)
    id_, result = await begun(lab, planned(kube, "i1"))
    assert (id_, result.verdict, result.steps) == ("release/web/i1/0", ReleaseVerdict.LIVE, ("adopt 0", "route 0"))
    assert router.weights == {"r0": 100.0}

    with pytest.raises(SluicewayError, match="web has a live version in i1"):
        await begun(lab, planned(kube, "i1"), "again")

    assert (await released(lab, "i1", "1")).status == "passed"
    assert router.weights == {"r0": 0.0, "r1": 100.0}
    with pytest.raises(SluicewayError, match="was not imported"):
        await importing.undo(lab.engine, "i1", "web", "undo-early")

    back = await releases.rollback(lab.engine, "i1", "web")  # with as many pods as answer now
    assert (await releases.outcome(lab.engine, back)).verdict is ReleaseVerdict.LIVE
    assert router.weights["r0"] == 100.0

    assert await importing.undo(lab.engine, "i1", "web", "undo") == "release/web/i1/0"
    assert router.told[-1] == "handed back"
    assert "Service/web-r0" not in kube.every()
    assert Node(kube.get("", "Deployment", "old", "shop")).at("spec", "replicas").whole() == 4
    assert (await releases.environment(lab.engine, "i1")).live.get("web") is None


async def test_what_nobody_has_ordered_is_not_imported(cluster):
    lab, kube, _, router = cluster
    registered(lab, "i2")
    kube.apply(WEB)
    before = kube.every()
    id_ = await importing.begin(replace(lab.engine, order=None), planned(kube, "i2"), "forged")
    result = await releases.outcome(lab.engine, id_)
    assert result.verdict is ReleaseVerdict.FAILED
    assert "SLW011" in result.reason or "plan" in result.reason
    assert kube.every() == before
    assert router.told == []


async def test_an_order_holds_at_the_registered_place_alone(cluster):
    lab, kube, _, _ = cluster
    registered(lab, "i3")
    kube.apply(WEB)
    made = planned(kube, "i3")
    assert made.spec.kubernetes is not None
    elsewhere = replace(made.spec.kubernetes, place=replace(made.spec.kubernetes.place, host="evil.example"))
    _, result = await begun(lab, replace(made, spec=replace(made.spec, kubernetes=elsewhere)))
    assert result.verdict is ReleaseVerdict.FAILED
    assert "registered for" in result.reason
    assert "Service/web-r0" not in kube.every()
