"""Facts of a cluster are read with few requests, and what may not be read is left out."""

import json

import pytest

from activities.clusters.facts import AT_ONCE, read
from domain.clusters.facts import ClusterFacts, GatewayClass
from domain.clusters.policies import ENFORCE, Engine
from domain.core.errors import SluicewayError
from domain.core.values import Json

GROUPS = {
    "gateway.networking.k8s.io": "v1",
    "metrics.k8s.io": "v1beta1",
    "constraints.gatekeeper.sh": "v1beta1",
    "kyverno.io": "v1",
}
BINDING: Json = {"spec": {"policyName": "replicas", "validationActions": ["Deny"]}}
ANSWERS: dict[str, Json] = {
    "/apis": {"groups": [{"name": name, "preferredVersion": {"version": said}} for name, said in GROUPS.items()]},
    "/version": {"gitVersion": "v1.34.4"},
    "/apis/gateway.networking.k8s.io/v1/gatewayclasses": {
        "items": [{"metadata": {"name": "edge"}, "spec": {"controllerName": "a.io/b"}}]
    },
    "/apis/gateway.networking.k8s.io/v1/gateways": {
        "items": [{"metadata": {"namespace": "infra", "name": "public"}, "spec": {"gatewayClassName": "edge"}}]
    },
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings": {"items": [BINDING]},
    "/apis/constraints.gatekeeper.sh/v1beta1": {
        "resources": [{"kind": "K8sRepos", "name": "k8srepos"}, {"kind": "K8sRepos", "name": "k8srepos/status"}]
    },
    "/apis/kyverno.io/v1/clusterpolicies": {"items": [{"metadata": {"name": "tags"}}]},
    "/api/v1/namespaces": {"items": [{"metadata": {"name": "shop", "labels": {ENFORCE: "restricted"}}}]},
    "/apis/apps/v1/daemonsets": {"items": [{"metadata": {"name": "calico-node"}}]},
}


class Server:
    """Answers GETs; a path that it does not know is refused."""

    def __init__(self, answers: dict[str, Json], status: int = 403) -> None:
        self.answers, self.status, self.asked = answers, status, list[str]()

    def raw(self, path, query=None):
        self.asked.append(path)
        if path not in self.answers:
            raise SluicewayError("SLW943", "the API server refused it", status=self.status)
        answer = self.answers[path]
        if isinstance(answer, dict) and "items" in answer:
            assert query["limit"] == AT_ONCE
        return json.dumps(answer)


def test_what_decides_about_releases_is_read_once_each():
    server = Server(ANSWERS)
    assert read(server, "edge", clock=lambda: 0) == ClusterFacts(
        cluster="edge",
        read_at="1970-01-01T00:00:00Z",
        version="v1.34.4",
        classes=(GatewayClass(name="edge", controller="a.io/b"),),
        metrics=True,
        policies=(
            Engine("ValidatingAdmissionPolicy", ("replicas",)),
            Engine("Gatekeeper", ("K8sRepos",)),
            Engine("Kyverno", ("tags",)),
        ),
        pod_security={"shop": "restricted"},
        network="Calico",
        gateways={"infra/public": "edge"},
    )
    assert sorted(server.asked) == sorted(ANSWERS)


def test_what_may_not_be_read_is_left_out():
    open_to_all = {path: ANSWERS[path] for path in ("/apis", "/version")}
    found = read(Server(open_to_all), "edge", "kube-router")
    assert (found.version, found.metrics, found.classes) == ("v1.34.4", True, ())
    assert (found.policies, found.network) == ((Engine("Gatekeeper"), Engine("Kyverno")), "kube-router")


@pytest.mark.parametrize("status", [0, 403, 503])
def test_a_server_whose_api_is_not_told_has_no_facts(status):
    with pytest.raises(SluicewayError, match="refused"):
        read(Server({}, status), "edge")


def test_what_answers_in_place_of_a_server_has_no_facts():
    class Portal(Server):
        def raw(self, path, query=None):
            return "<html>"

    with pytest.raises(SluicewayError, match="no object came back from GET /apis"):
        read(Portal({}), "edge")
