"""A Deployment that runs becomes a service's first version where nothing of it must be touched; else it says why not."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Node
from domain.releases.kubernetes import former_route, former_template, kept, naming
from domain.releases.kubernetes.additions import RESTARTED
from domain.releases.kubernetes.adoption import Asked, asked_again, plan, same, service, version_of
from domain.releases.kubernetes.drift import MOST
from domain.releases.kubernetes.living import Living, fits
from domain.releases.kubernetes.place import Adopted, Ends, Place
from tests.support.objects import values

PLACE = Place(cluster="edge", namespace="prod", gateway="infra/public", host="{service}.example")
ASKED = Asked(service="shop", environment="production", workload="shop", place=PLACE)


def workload(labels=None, image="registry.example/shop:1.4"):
    """`labels`: of its pods."""
    chosen = labels or {"app": "shop"}
    container = {"name": "main", "image": image, "ports": [{"containerPort": 8080}]}
    return {
        "kind": "Deployment",
        "metadata": {"name": "shop", "uid": "d"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": chosen},
            "template": {"metadata": {"labels": chosen}, "spec": {"containers": [container]}},
        },
        "status": {"readyReplicas": 2},
    }


def released():
    return workload() | {"metadata": {"name": "shop", "uid": "d", "labels": {naming.RELEASE: "x"}}}


def pod(name, labels=None, owner="rs"):
    return {"metadata": {"name": name, "labels": labels or {"app": "shop"}, "ownerReferences": [{"uid": owner}]}}


def led(name="shop", selector=None, port=80):
    ports = [{"name": "web", "port": port, "targetPort": "http"}]
    return {"metadata": {"name": name}, "spec": {"selector": selector or {"app": "shop"}, "ports": ports}}


def route(name="shop", **spec):
    rule = {"backendRefs": [{"name": "shop", "port": 80}]}
    about = {"parentRefs": [{"namespace": "infra", "name": "public"}], "hostnames": ["shop.example"], "rules": [rule]}
    return {"metadata": {"name": name, "namespace": "prod", "uid": "x"}, "spec": {**about, **spec}}


SETS: Any = ({"metadata": {"name": "shop-1", "uid": "rs", "ownerReferences": [{"uid": "d"}]}},)
LIVING = Living(deployment=workload(), replica_sets=SETS, pods=(pod("a"), pod("b")), services=(led(),))


def refused(asked=ASKED, **changed):
    return "; ".join(plan(asked, replace(LIVING, **changed)).refusals)


def test_its_service_selects_its_pods_by_the_labels_that_they_have():
    made = plan(ASKED, LIVING).deployment
    assert made is not None
    assert (made.instance, made.spec.version, made.spec.instances) == ("r0", "1.4", 2)
    spec = made.spec.kubernetes
    assert spec is not None
    template = former_template.kept(workload())
    assert spec.adopted == Adopted(workload="shop", selector={"app": "shop"}, port=80, target="http", template=template)
    object_ = Node(service(made, spec.adopted, "u"))
    assert object_.at("metadata", "name").text() == "shop-r0"
    assert object_.at("spec", "selector").strings() == {"app": "shop"}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"deployment": None}, "there is no Deployment shop in prod"),
        ({"pods": ()}, "has no ready pod"),
        ({"deployment": workload() | {"status": {}}}, "has no ready pod"),
        ({"replica_sets": ()}, "has no ready pod"),
        ({"pods": (pod("a"), pod("stranger", owner="other"))}, "its selector matches pods of others, too: stranger"),
        ({"deployment": released()}, "release's own"),
        ({"services": (led(), led("other"))}, "several Services lead to shop: other, shop"),
        ({"services": (), "deployment": workload() | {"spec": {"selector": {}, "template": {}}}}, "says where shop"),
        ({"routes": (route("old"),)}, "HTTPRoute old takes requests for shop.example at the Gateway"),
        ({"routes": (route(),)}, "the name of the release's own; name it by --route"),
    ],
)
def test_what_cannot_be_imported_says_why(changed, why):
    assert why in refused(**changed)


def test_a_service_that_leads_to_others_is_not_taken_for_the_deployments():
    services = (led(selector={"tier": "web"}),)
    pods = (pod("a", {"app": "shop", "tier": "web"}), pod("x", {"tier": "web"}, owner="other"))
    assert "Service shop leads to pods of others, too: x" in refused(
        replace(ASKED, led_by="shop"), services=services, pods=pods
    )


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"led_by": "none"}, "there is no Service none"),
        ({"route": "none"}, "there is no HTTPRoute none"),
        ({"ingress": "none"}, "there is no Ingress none"),
        ({"router": "service"}, "router service has no route of its own"),
        ({"place": replace(PLACE, host="")}, "names no gateway, or no host"),
        ({"service": "shop-r1"}, "reads as a release of another service"),
    ],
)
def test_what_is_not_there_or_cannot_be_led_is_told(asked, why):
    assert why in refused(replace(ASKED, **asked))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hostnames": ["shop.example", "www.example"]}, "its hostnames are not shop.example alone"),
        ({"parentRefs": [{"name": "public"}]}, "it is not at the Gateway infra/public"),
        ({"rules": []}, "it has 0 rules"),
        ({"rules": [{"backendRefs": [{"name": "other"}]}]}, "it does not lead to one of shop alone"),
        ({"rules": [{"filters": [{}], "backendRefs": [{"name": "shop"}]}]}, "its rule has filters"),
        ({"rules": [{"timeouts": {"request": "1s"}, "backendRefs": [{"name": "shop"}]}]}, "its rule has timeouts"),
        (
            {"rules": [{"matches": [{"path": {"type": "Exact", "value": "/a"}}], "backendRefs": [{"name": "shop"}]}]},
            "its rule does not take all requests",
        ),
    ],
)
def test_a_route_that_does_more_than_a_releases_does_not_give_way(changed, why):
    assert why in refused(replace(ASKED, route="old"), routes=(route("old", **changed),))


def test_the_route_that_gives_way_is_kept_as_it_was_and_nothing_that_the_server_added():
    made = plan(replace(ASKED, route="old"), replace(LIVING, routes=(route("old"),))).deployment
    assert made is not None
    assert made.spec.kubernetes is not None
    assert made.spec.kubernetes.adopted is not None
    again = former_route.again(made.spec.kubernetes.adopted.former)
    assert again is not None
    assert again["spec"] == route("old")["spec"]
    assert set(Node(again)["metadata"].object()) == {"name", "namespace"}


def test_pods_that_releases_could_not_be_told_from_are_refused():
    labels = {"app.kubernetes.io/name": "shop"}
    pods, services = (pod("a", labels), pod("b", labels)), (led(selector=labels),)
    why = refused(deployment=workload(labels), pods=pods, services=services)
    assert "import it as a service of another name" in why
    assert "Service shop would lead to the pods of shop's releases, too" in why
    assert not refused(replace(ASKED, service="store"), deployment=workload(labels), pods=pods, services=services)


@given(
    st.dictionaries(st.sampled_from([f"{naming.APP}/name", f"{naming.APP}/component", "app", "tier"]),
                    st.sampled_from(["shop", "web"]), min_size=1)
)  # fmt: skip
def test_no_release_of_the_service_is_ever_selected(labels):
    pods = (pod("a", labels), pod("b", labels))
    living = replace(LIVING, deployment=workload(labels), pods=pods, services=())
    made = plan(ASKED, living).deployment
    template = Node(workload(labels)).at("spec", "template")
    if made is not None:
        release = {**kept.pod_labels(template, ()), **naming.labels(replace(made, instance="r7"))}
        assert made.spec.kubernetes is not None
        assert made.spec.kubernetes.adopted is not None
        assert not fits(made.spec.kubernetes.adopted.selector, release)


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"labels": {"argocd.argoproj.io/instance": "shops"}}, "Argo CD application shops keeps Deployment shop"),
        ({"annotations": {"meta.helm.sh/release-name": "shop"}}, "Helm release shop keeps"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}, "Flux kustomization apps keeps"),
    ],
)
def test_who_would_put_it_back_is_told(meta, said):
    assert said in "; ".join(
        plan(ASKED, replace(LIVING, deployment=workload() | {"metadata": {"name": "shop", "uid": "d", **meta}})).notes
    )


def test_an_autoscaler_an_ingress_and_clients_of_the_service_are_told():
    scaler: Any = {"metadata": {"name": "h"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "shop"}}}
    found = plan(replace(ASKED, ingress="in"), replace(LIVING, autoscalers=(scaler,), ingress={"kind": "Ingress"}))
    said = "; ".join(found.notes)
    assert "HorizontalPodAutoscaler h goes on to scale it" in said
    assert "lead DNS of shop.example to the Gateway infra/public" in said
    assert "Service shop stays" in said


def test_only_what_was_planned_is_done():
    made = plan(ASKED, LIVING).deployment
    assert made is not None
    assert made.spec.kubernetes is not None
    assert made.spec.kubernetes.adopted is not None
    again = asked_again(made, made.spec.kubernetes.adopted)
    assert same(replace(made, instance="r9"), plan(again, LIVING).deployment)
    more = workload()
    more["spec"]["replicas"] = 5
    assert same(made, plan(again, replace(LIVING, deployment=more)).deployment)
    assert not same(made, plan(again, replace(LIVING, deployment=workload(image="evil:1"))).deployment)


def test_the_plan_tells_how_it_ends():
    assert "is scaled to 0" in plan(ASKED, LIVING).steps[-1]
    assert "is deleted" in plan(replace(ASKED, ends=Ends.DELETE), LIVING).steps[-1]


@pytest.mark.parametrize(
    ("image", "version"),
    [("shop", "latest"), ("r:5000/shop", "latest"), ("r:5000/shop:1.4", "1.4"), ("shop@sha256:0123456789abcdef", "sha256:0123456789ab")],
)  # fmt: skip
def test_a_version_is_called_by_its_image(image, version):
    assert version_of(image) == version


def test_a_kept_route_is_json():
    assert json.loads(former_route.kept(route()))["kind"] == "HTTPRoute"


def drifts(live, then=None):
    adopted = Adopted(workload="shop", selector={}, port=80, target="http", template=former_template.kept(then or live))
    return [one.line for one in former_template.findings(adopted, live)]


def test_an_imported_deployment_that_was_restarted_is_the_same():
    live = workload()
    live["spec"]["template"]["metadata"] = {
        **live["spec"]["template"]["metadata"],
        "annotations": {RESTARTED: "2026-01-01T00:00:00Z"},
    }
    assert former_template.kept(live) == former_template.kept(workload())
    assert drifts(live, workload()) == []


def test_what_was_changed_in_or_added_to_an_imported_deployment_is_told():
    live = workload(image="evil:1")
    live["spec"]["template"]["spec"]["containers"].append({"name": "spy", "image": "spy:1"})
    changed, added = drifts(live, workload())
    assert changed == (
        'Deployment shop: .spec.template.spec.containers[name="main"].image is not as it was imported, by whoever'
    )
    assert added == 'Deployment shop: .spec.template.spec.containers[name="spy"] was added by whoever'


def test_a_template_that_is_too_long_is_not_kept_and_that_is_said():
    long = workload(image="x" * former_template.LONGEST)
    assert former_template.kept(long) == ""
    assert "too long a template" in "; ".join(plan(ASKED, replace(LIVING, deployment=long)).notes)
    assert drifts(workload(), long) == []


def is_json(value):
    """Whether a server can have said it: there is no NaN in JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@given(values.filter(is_json), values)
def test_whatever_an_imported_deployment_becomes_is_compared_within_bounds(then, now):
    one, other = ({"spec": {"template": {"spec": said, "metadata": said}}} for said in (then, now))
    assert len(drifts(other, one)) <= 3 * MOST
    assert drifts(one) == []


def test_a_route_that_a_tool_keeps_comes_back_and_that_is_said():
    kept_by = route("old")
    kept_by["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "shops:gateway"}
    found = plan(replace(ASKED, route="old"), replace(LIVING, routes=(kept_by,)))
    assert "Argo CD application shops keeps HTTPRoute old: take it out there first" in "; ".join(found.notes)
