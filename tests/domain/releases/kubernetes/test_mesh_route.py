"""Routes of a mesh: those of a Gateway, led from the Services that clients name."""

from hypothesis import given

from domain.core.documents import Node
from domain.releases.kubernetes import http_route, mesh_route
from domain.releases.kubernetes.traffic import Traffic
from domain.releases.spec import Routing
from tests.domain.releases.kubernetes.strategies import EDGE, traffics


@given(traffics())
def test_a_route_has_a_gateway_s_rules_its_own_service_as_parent_and_no_host(traffic):
    at_gateway, in_mesh = http_route.routes(traffic, EDGE), mesh_route.routes(traffic, EDGE, {})
    for other, one in zip(at_gateway, in_mesh, strict=True):
        spec = Node(one.manifest)["spec"]
        name = Node(one.manifest).at("metadata", "name").text()
        assert spec["rules"].value == Node(other.manifest).at("spec", "rules").value
        assert [ref.object() for ref in spec["parentRefs"]] == [{"group": "", "kind": "Service", "name": name}]
        assert "hostnames" not in spec.object()
        assert (one.sign, one.path) == (other.sign, other.path)
        assert one.host == f"{name}.{EDGE.namespace}.svc"


def test_services_that_clients_name_choose_no_pods_so_nobody_is_reached_past_the_mesh():
    made = mesh_route.parents(EDGE, [{"name": "http", "port": 8080}])
    assert [Node(one).at("metadata", "name").text() for one in made] == [EDGE.service, f"{EDGE.service}-preview"]
    assert not any("selector" in Node(one)["spec"].object() for one in made)


def test_a_probe_pod_has_a_proxy_of_every_mesh_and_no_rights():
    spec = Node(mesh_route.probe(EDGE, "busybox@sha256:1"))["spec"]
    assert spec["automountServiceAccountToken"].value is False
    (container,) = spec["containers"]
    bounds = container["securityContext"]
    assert (bounds["allowPrivilegeEscalation"].value, bounds["readOnlyRootFilesystem"].value) == (False, True)
    assert bounds.at("capabilities", "drop").texts() == ["ALL"]
    assert spec.at("securityContext", "runAsNonRoot").value is True
    assert spec["activeDeadlineSeconds"].whole() > 0


def status(*conditions, kind="Service", name="shop"):
    said = [{"type": word, "status": state, "reason": why} for word, state, why in conditions]
    parent = {"parentRef": {"group": "core", "kind": kind, "name": name}, "conditions": said}
    return {"metadata": {"name": "shop", "generation": 7}, "status": {"parents": [parent]}}


def test_a_mesh_that_tells_no_generation_has_accepted_a_route_and_one_that_refuses_it_is_quoted():
    accepted = ("Accepted", "True", "Accepted")
    assert mesh_route.not_accepted(status(accepted, ("ResolvedRefs", "True", ""))) == ""
    assert "BackendNotFound" in mesh_route.not_accepted(status(accepted, ("ResolvedRefs", "False", "BackendNotFound")))
    assert "NoMatchingParent" in mesh_route.not_accepted(status(("Accepted", "False", "NoMatchingParent")))
    for silent in (status(), status(accepted, name="other"), status(accepted, kind="Gateway")):
        assert "no mesh has looked" in mesh_route.not_accepted(silent)


def test_copies_of_requests_and_clients_that_stay_are_not_in_a_mesh():
    asked = Routing(mirror_percent=10, sticky=True, header="x-canary: yes")
    split = Traffic().split("r2", "r1", 50, asked)
    assert mesh_route.lacking(split.previewed("r2", asked)) == ["a mirror", "sticky clients"]
    assert mesh_route.lacking(Traffic().split("r2", "r1", 50, Routing(header="x-canary: yes"))) == []
