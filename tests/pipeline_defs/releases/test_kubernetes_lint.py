"""A release to a cluster that cannot work is told with its place; one that can is compiled whole."""

import pytest

from domain.clusters.facts import ClusterFacts, GatewayClass
from domain.releases.kubernetes.allowed import Allowed, Power
from domain.releases.kubernetes.container import objects
from domain.releases.kubernetes.http_route import MIRROR
from domain.releases.kubernetes.place import Autoscale, Capacity, KubernetesSpec, Migration, ObjectSource, SourceKind
from domain.releases.kubernetes.prepared import prepared
from domain.releases.kubernetes.refusals import refusals
from domain.releases.kubernetes.registered import registered
from domain.triggers.events import Event, EventKind
from pipeline_defs.core import reader, yaml_nodes
from pipeline_defs.documents import check
from pipeline_defs.pipelines.registered_clusters import lint
from pipeline_defs.releases import model
from pipeline_defs.releases.compile import deploy_spec
from pipeline_defs.releases.facts_lint import Known

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n  d:\n    environment: e\n    deploy:\n"
IMAGE = f"a@sha256:{'0' * 64}"
GOOD = {
    "a container": "image: IMAGE, port: 9000, cpu: 0.5, memory-mb: 64, strategy: canary, routing: {sticky: true}",
    "manifests": "manifests: [deploy]",
    "a kustomization": "kustomize: deploy/production, strategy: blue-green",
    "a chart": "helm: {chart: charts/shop, values: [charts/live.yaml], set: {replicas: 3}}, router: istio",
    "an image for manifests": "manifests: [deploy], image: IMAGE",
    "migrations": "image: IMAGE, migrate: {expand: [migrate, up], contract: [migrate, drop]}",
    "numbers": "image: IMAGE, autoscale: {min: 2, max: 9, cpu: 60}, capacity: full, disruption: 1",
    "by number of pods": "image: IMAGE, router: service, strategy: canary, analysis: false, routing: {unconfirmed: allow}",
    "a worker": "image: IMAGE, router: none",
    "an attack before the switch": "image: IMAGE, strategy: blue-green, dast: {fail-on: medium}",
    "queries": "image: IMAGE, strategy: canary, analysis: {metrics: {o: {share: 1, "
    'events: \'a_total{c="{{cluster}}",v="{{version}}"}\', total: \'b_total{v="{{version}}"}\'}}}',
}
FILES = dict.fromkeys(("deploy/production/kustomization.yml", "charts/shop/Chart.yaml", "charts/live.yaml"), b"")
BAD = {
    "a Prometheus of the commit": (
        "image: a, strategy: canary, analysis: {prometheus: 'http://169.254.169.254'}",
        "SLW203",
        "registered environment",
    ),
    "counted by the commit's Prometheus": (
        "image: a, strategy: canary, analysis: {source: prometheus}",
        "SLW203",
        "counters",
    ),
    "no kustomization": ("kustomize: deploy/nowhere", "SLW601", "deploy/nowhere/kustomization.yaml"),
    "no chart": ("helm: {chart: deploy/nowhere}", "SLW601", "deploy/nowhere/Chart.yaml"),
    "no values": ("helm: {chart: charts/shop, values: [no.yaml]}", "SLW601", "there is no no.yaml"),
    "no source": ("port: 80", "SLW202", "manifests"),
    "two sources": ("manifests: [a], kustomize: b", "SLW203", "two sources"),
    "a chart outside": ("helm: {chart: a/../../b}", "SLW203", ".."),
    "manifests outside": ("manifests: [../b]", "SLW205", "such as deploy/app.yaml"),
    "an option that manifests have": ("manifests: [a], cpu: 1", "SLW702", "says it itself"),
    "an artifact": ("image: a, artifact: b.c", "SLW702", "'local'"),
    "a router of the machine": ("image: a, router: traefik", "SLW703", "gateway-api"),
    "weights without a sign": ("image: a, router: service, strategy: canary, analysis: false", "SLW703", "unconfirmed"),
    "a Job of a container": ("image: a, migrate: {expand: up}", "SLW203", "PROGRAM"),
    "more than the most": ("image: a, autoscale: {min: 3, max: 2}", "SLW203", "more than max"),
    "a place": ("image: a, namespace: shop", "SLW201", "the registered environment says it"),
    "traffic at the top": ("image: a, mirror: 5", "SLW201", "routing: {mirror: …}"),
    "no disruption": ("image: a, disruption: 101%", "SLW205", "such as 25% or 1"),
    "an attack inside of a mesh": (
        "image: a, router: linkerd, strategy: canary, dast: {}",
        "SLW703",
        "a job of your own",
    ),
    "a mirror of plain Services": (
        "image: a, router: service, strategy: canary, routing: {mirror: 5}",
        "SLW703",
        "mirror",
    ),
}


def found(deploy, service="s", files=FILES):
    text = f"{HEAD}      {{service: {service}, target: kubernetes, {deploy}}}\n"
    return list(check(text.encode(), "p.yaml", files.get).diagnostics)


def compiled(deploy):
    root, _ = yaml_nodes.read(f"{{service: shop, target: kubernetes, {deploy}}}".encode(), "p.yaml")
    assert root is not None
    block, told = reader.validate(model.Deploy, root, "p.yaml")
    assert block is not None, told
    return deploy_spec(block, Event(EventKind.MANUAL))


@pytest.mark.parametrize("name", GOOD)
def test_a_release_that_can_work_has_no_problem(name):
    assert [str(one) for one in found(GOOD[name].replace("IMAGE", f"'{IMAGE}'"))] == []


@pytest.mark.parametrize("name", BAD)
def test_a_release_that_cannot_work_is_told_with_its_place(name):
    deploy, code, word = BAD[name]
    told = found(deploy)
    assert code in [p.code for p in told]
    assert all(p.line in (7, 8) and p.column >= 5 for p in told)
    assert any(word in f"{p.message} {p.hint}" for p in told), [str(p) for p in told]


@pytest.mark.parametrize("service", ["shop-r57", "a" * 41])
def test_a_name_that_reads_as_another_services_release_is_refused(service):
    assert [one.code for one in found(f"image: '{IMAGE}'", service)] == ["SLW205"]


def test_options_of_a_cluster_are_for_no_other_target():
    text = f"{HEAD}      {{service: s, command: [x], manifests: [a]}}\n"
    assert [one.code for one in check(text.encode(), "p.yaml", lambda path: None).diagnostics] == ["SLW702"]


def test_a_block_is_compiled_whole():
    spec = compiled(
        "helm: {chart: c, values: [v], set: {a.b: 3}}, capacity: full, disruption: 1, migrate: {expand: up}"
    )
    assert spec.router == "gateway-api"
    assert spec.kubernetes == KubernetesSpec(
        source=ObjectSource(kind=SourceKind.HELM, paths=("c",), values=("v",), settings={"a.b": "3"}),
        capacity=Capacity.FULL,
        disruption="1",
        expand=Migration(job="up"),
    )
    assert compiled("image: a, autoscale: {max: 9}").kubernetes.autoscale == Autoscale(most=9)


def test_every_container_is_a_release_that_nobody_refuses():
    spec = compiled(f"{GOOD['migrations'].replace('IMAGE', 'a')}, liveness: {{http: /alive}}, autoscale: {{max: 9}}")
    made = prepared(spec, objects(spec))
    assert [one["kind"] for one in made] == ["Deployment", "Service", "HorizontalPodAutoscaler", "Job", "Job"]
    assert refusals(made, spec.kubernetes.place) == ()


def test_what_an_environment_allows_reaches_its_place():
    block = '{"cluster": "c", "namespace": "team", "allow": {"powers": ["host-path"], "accounts": ["shop"]}}'
    target = registered(block)
    assert target is not None
    assert target.place().allowed == Allowed(powers=(Power.HOST_PATH,), accounts=("shop",))


WORKLOAD = """# a comment
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
        - {name: web, image: a}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Namespace
    metadata: {name: x}
"""


def looked_at(deploy, **files):
    text = f"{HEAD}      {{service: s, target: kubernetes, {deploy}}}\n"
    given = {f"{name}.yaml": text.encode() for name, text in files.items()}
    told = check(text.encode(), "p.yaml", given.get).diagnostics
    return [(one.file, one.line, one.severity, one.code) for one in told]


TAGGED = WORKLOAD.replace("image: a", "image: a:1").replace(
    "hostNetwork: true", "initContainers: [{name: i, image: b}]"
)


def test_a_tag_is_told_where_it_stands_unless_the_block_says_the_image_itself():
    init, main = ("a.yaml", 8, "warning", "SLW707"), ("a.yaml", 10, "warning", "SLW707")
    named = [one for one in looked_at("manifests: [a.yaml]", a=TAGGED) if one[3] == "SLW707"]
    assert named == [init, main]
    own = [one for one in looked_at("manifests: [a.yaml], image: c:1", a=TAGGED) if one[3] == "SLW707"]
    assert own == [init, ("p.yaml", 8, "warning", "SLW707")]
    assert looked_at("image: 'c:${{ event.commit }}'") == []


def test_what_a_manifest_may_not_hold_is_told_where_it_stands():
    assert looked_at("manifests: [a.yaml]", a=WORKLOAD.replace("image: a", f"image: '{IMAGE}'")) == [
        ("a.yaml", 8, "warning", "SLW705"),
        ("a.yaml", 16, "error", "SLW705"),
    ]


def test_only_all_of_the_manifests_show_what_is_missing():
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    assert looked_at("manifests: [a.yaml]", a=config) == [("p.yaml", 8, "error", "SLW705")]
    assert looked_at("manifests: [a.yaml, folder]", a=config) == []
    assert looked_at("manifests: [a.yaml]") == [("p.yaml", 8, "error", "SLW601")]
    assert looked_at("manifests: [a.yaml]", a="a: [") == [("a.yaml", 2, "error", "SLW101")]


def test_a_migration_that_no_manifest_has_is_told():
    assert looked_at("manifests: [a.yaml], migrate: {expand: up}", a="kind: X\n") == [("p.yaml", 8, "error", "SLW705")]


FACTS = """kind: ClusterFacts
cluster: edge
read-at: "2026-11-29T17:00:00Z"
gateway-classes: [{name: edge, controller: traefik.io/gateway-controller, features: [Gateway, HTTPRoute]}]
metrics: false
"""


def warned(deploy, facts):
    text = f"{HEAD}      {{service: s, target: kubernetes, image: '{IMAGE}', {deploy}}}\n"
    given = {"cluster.facts.yaml": facts.encode()}
    return [(one.severity, one.code, one.message) for one in check(text.encode(), "p.yaml", given.get).diagnostics]


def test_facts_of_a_cluster_in_the_repository_warn_and_never_more():
    mirror = "strategy: canary, routing: {mirror: 5}"
    words = "cluster edge cannot mirror traffic with router 'gateway-api', as it was read 2026-11-29T17:00:00Z"
    assert warned(mirror, FACTS) == [("warning", "SLW708", words)]
    assert warned(mirror, FACTS.replace("Gateway,", "HTTPRouteRequestMirror,")) == []
    assert [one[1] for one in warned("autoscale: {max: 3}", FACTS)] == ["SLW708"]
    assert warned("strategy: canary", FACTS) == []
    assert warned(mirror, "kind: [") == []


def registered_warned(deploy, *known):
    text = f"{HEAD}      {{service: s, target: kubernetes, image: '{IMAGE}', {deploy}}}\n"
    source = check(text.encode(), "p.yaml", lambda _: None).source
    assert source is not None
    return [(one.severity, one.code, one.message) for one in lint(source, {"e": known}.__getitem__)]


def a_cluster(name, *features, gateway="infra/public"):
    classes = tuple(
        GatewayClass(name=of, controller="a.io/b", features=told)
        for of, told in [("plain", ("Gateway",)), ("rich", ("Gateway", *features))]
    )
    facts = ClusterFacts(cluster=name, classes=classes, gateways={"infra/public": "plain", "infra/other": "rich"})
    return Known(facts, gateway, "read 1m00s ago")


def test_kept_facts_of_a_registered_environments_clusters_warn_by_its_own_gateway():
    mirror = "strategy: canary, routing: {mirror: 5}"
    words = "these clusters cannot mirror traffic with router 'gateway-api': eu (read 1m00s ago), us (read 1m00s ago)"
    both = a_cluster("eu", MIRROR), a_cluster("us")
    assert registered_warned(mirror, *both) == [("warning", "SLW708", words)]
    assert registered_warned(mirror, a_cluster("eu", MIRROR, gateway="infra/other")) == []
    assert registered_warned("strategy: canary", *both) == []
    assert registered_warned(mirror) == []


def test_of_many_clusters_that_lack_something_a_few_are_named():
    (one,) = registered_warned("autoscale: {max: 3}", *(a_cluster(f"c{n}") for n in range(9)))
    assert one[2].endswith("c4 (read 1m00s ago) and 4 more")


def test_of_several_services_the_one_that_needs_it_is_warned_about():
    text = f"""{HEAD}      service: shop
      target: kubernetes
      strategy: canary
      services:
        web: {{image: "{IMAGE}", routing: {{mirror: 5}}}}
        api: {{image: "{IMAGE}"}}
"""
    source = check(text.encode(), "p.yaml", lambda _: None).source
    assert source is not None
    (one,) = lint(source, {"e": (a_cluster("eu"),)}.__getitem__)
    assert one.line == 12
