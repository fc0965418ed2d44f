"""Every state's routes are taken by a real API server with the kinds that Gateway API and Istio publish."""

from __future__ import annotations

import pytest
import yaml

from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.releases.kubernetes import http_route, mesh_route, virtual_service
from domain.releases.kubernetes.naming import TRAFFIC
from domain.releases.kubernetes.traffic import Traffic
from domain.releases.spec import Routing
from tests.domain.releases.kubernetes.strategies import EDGE
from tests.support.built_programs import built, need_go_tool
from tests.support.cluster_phases import wait
from tests.support.made_clusters import simulated as simulated

pytestmark = pytest.mark.heavy
EVERYTHING = Routing(header="x-canary: yes", cookie="canary=a.b", mirror_percent=12.5, sticky=True)
STATES = [
    Traffic().all_to("r1"),
    Traffic().previewed("r1", Routing()),
    Traffic().split("r2", "r1", 0.01, EVERYTHING),
    Traffic().split("r2", "r1", 50, EVERYTHING).previewed("r2", EVERYTHING),
    Traffic().split("r2", "r1", 50, Routing(mirror_percent=100)).previewed("r2", Routing(mirror_percent=100)),
]


@pytest.fixture(scope="module")
def kube(simulated):
    kube, istio = simulated.kube, need_go_tool("add-ons-1") / "istio"
    for file in (*(built() / "gateway-api-v1.5.1").glob("*.yaml"), istio / "10-base/files/crd-all.gen.yaml"):
        for one in yaml.safe_load_all(file.read_text()):
            if one and one["kind"] == "CustomResourceDefinition":
                kube.apply(one)
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": EDGE.namespace}})
    wanted = {"HTTPRoute", "VirtualService"}
    wait(lambda: wanted <= {kind for _, kind in kube.kinds()}, lambda: "the kinds are not served")
    return kube


@pytest.mark.parametrize(
    "routes",
    [http_route.routes, virtual_service.routes, mesh_route.routes],
    ids=["gateway-api", "istio", "linkerd"],
)
@pytest.mark.parametrize("traffic", STATES, ids=range(len(STATES)))
def test_a_state_is_taken_as_it_is_and_twice_changes_nothing(kube, routes, traffic):
    for one in routes(traffic, EDGE):
        first = kube.apply(one.manifest, manager=TRAFFIC)
        again = kube.apply(one.manifest, manager=TRAFFIC, force=False)
        assert first["metadata"]["generation"] == again["metadata"]["generation"]


def test_an_old_resource_version_is_refused(kube):
    (_, shop) = http_route.routes(STATES[0], EDGE)
    made = kube.apply(shop.manifest, manager=TRAFFIC)
    kube.apply(http_route.routes(STATES[2], EDGE)[1].manifest, manager=TRAFFIC)
    old = {**Node(shop.manifest)["metadata"].object(), "resourceVersion": made["metadata"]["resourceVersion"]}
    with pytest.raises(SluicewayError) as refused:
        kube.apply({**shop.manifest, "metadata": old}, manager=TRAFFIC)
    assert refused.value.status == 409
