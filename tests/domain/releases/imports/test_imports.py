"""No field of a Rollout or a Canary is left out in silence, and what is made of it passes lint."""

import copy
import json
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.releases.imports.convert import Origin, convert, objects_of
from domain.releases.imports.draft import Options
from domain.releases.imports.ledger import Kind, leaves
from pipeline_defs.core.diagnostics import errors
from pipeline_defs.documents import check

HERE = Path(__file__).parent
WHOLE = {"canary_rollout": Origin.ROLLOUTS, "blue_green_rollout": Origin.ROLLOUTS, "canary": Origin.FLAGGER}
WORDS = ["", "shop", "10s", "1h", "5%", "istio", "kubernetes", "mesh", "a/b", "${{ x }}", "x" * 70, "ü`", "shop-r5"]
VALUES = [*WORDS, *range(-2, 12), 0.5, 99, 100, 2000, 10**18, True, False, None, [], {}]


def objects(name):
    return objects_of(list(yaml.safe_load_all((HERE / f"{name}.yaml").read_text())))


def left_out(found, made):
    """The leaves that were neither used nor told."""
    marked = made.used | {(one.index, one.path) for one in made.remarks if one.kind is not Kind.MISSING}
    every = [(at, path) for at, one in enumerate(found) for path, _ in leaves(one)]
    return [(at, path) for at, path in every if not any((at, path[:n]) in marked for n in range(len(path) + 1))]


def plain(made):
    """Environment, deploy job and objects."""
    environment, pipeline, objects = json.loads(json.dumps([made.environment, made.pipeline, made.objects]))
    return environment["target"]["kubernetes"], pipeline["jobs"]["release"]["deploy"], objects


def lint(made):
    texts = {"objects.yaml": yaml.safe_dump_all(made.objects).encode()}
    for name, document in (("e.yaml", made.environment), ("r.yaml", made.pipeline)):
        texts[name] = json.dumps(document).encode()
    return [
        str(one) for name in ("e.yaml", "r.yaml") for one in errors(check(texts[name], name, texts.get).diagnostics)
    ]


def variant(name, seed):
    """A whole object with parts left out and values changed: valid to those who wrote it, or not."""
    chance = Random(seed)

    def varied(value, depth):
        if isinstance(value, dict):
            return {key: varied(one, depth + 1) for key, one in value.items() if depth < 3 or chance.random() < 0.93}
        if isinstance(value, list):
            return [varied(one, depth + 1) for one in value if chance.random() < 0.93]
        return value if chance.random() < 0.95 else chance.choice(VALUES)

    # the first objects are what is converted; the others may be missing
    return [varied(one, 0) for at, one in enumerate(objects(name)) if at < 2 or chance.random() < 0.8]


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_given_each_field_is_used_or_told_and_the_result_passes_lint(name, seed):
    found = variant(name, seed)
    before = copy.deepcopy(found)
    try:
        made = convert(WHOLE[name], found)
    except ValueError:
        return
    assert (left_out(found, made), found) == ([], before)
    assert lint(made) == []


@pytest.mark.parametrize("name", WHOLE)
def test_of_the_fields_that_are_known_none_is_told_as_unknown(name):
    made = convert(WHOLE[name], objects(name))
    unknown = [one for one in made.remarks if one.what == "it has no equal here"]
    kinds = {
        (made_of["kind"], ".".join(map(str, one.path))) for one in unknown for made_of in [objects(name)[one.index]]
    }
    assert kinds <= {("ConfigMap", "metadata.finalizers"), ("PodDisruptionBudget", "spec.unhealthyPodEvictionPolicy")}
    assert lint(made) == []


@pytest.mark.parametrize("name", WHOLE)
def test_a_field_that_counts_as_used_changes_the_result(name):
    found = objects(name)
    whole = convert(WHOLE[name], found)
    told = {(one.index, one.path) for one in whole.remarks}
    idle = []
    for at, one in enumerate(found):
        for path, value in leaves(one):
            used = any((at, path[:n]) in whole.used for n in range(len(path) + 1))
            if not used or (at, path) in told or path[-1] == "apiVersion" or value == {}:
                continue
            changed = changed_at(found, at, path, value)
            try:
                made = convert(WHOLE[name], changed)
            except ValueError:
                continue
            if (plain(made), made.remarks) == (plain(whole), whole.remarks):
                idle.append((one["kind"], path))
    assert idle == []


def changed_at(found, at, path, value):
    other = copy.deepcopy(found)
    parent = other[at]
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = not value if isinstance(value, bool) else value + 10 if isinstance(value, int) else f"{value}x"
    return other


def test_a_canary_has_the_weights_times_and_people_of_its_rollout():
    made = convert(Origin.ROLLOUTS, objects("canary_rollout"), Options(cluster="edge", approvers="leads"))
    place, deploy, applied = plain(made)
    assert place == {
        "cluster": "edge", "namespace": "shops", "gateway": "infra/edge", "host": "{service}.example.org",
    }  # fmt: skip
    assert deploy["analysis"] == {
        "first-weight": 5, "steps": [20, 40], "min-dwell": "600s", "tick": "20s", "warm-up": "30s",
        "metrics": {"errors": {"share": 0.5, "gate": 0.05}, "slow90": {"share": 0.25}, "slow99": {"share": 0.25}},
    }  # fmt: skip
    assert deploy["approvals"] == [{"before": 40, "groups": ["leads"]}]
    assert deploy["routing"] == {"header": "X-Canary: yes", "mirror": 20}
    assert (deploy["port"], deploy["capacity"], deploy["rollback-window"]) == (80, "full", "60s")
    kinds = [one["kind"] for one in applied]
    assert kinds == ["Deployment", "Service", "ConfigMap", "HorizontalPodAutoscaler", "PodDisruptionBudget"]


def test_blue_green_without_a_gateway_switches_a_plain_service():
    found = [one for one in objects("blue_green_rollout") if one["kind"] != "Ingress"]
    made = convert(Origin.ROLLOUTS, found)
    _, deploy, applied = plain(made)
    assert (deploy["router"], deploy["strategy"], deploy["analysis"]) == ("service", "blue-green", False)
    assert deploy["approvals"] == [{"before": "promotion", "groups": ["release-managers"]}]
    pods = applied[0]["spec"]["template"]["spec"]
    assert "schedulerName" not in pods  # refused for good, and told
    assert pods["hostNetwork"]  # an environment may allow it
    assert applied[0]["spec"]["replicas"] == 3


def test_a_canary_of_flagger_has_its_weights_and_gates():
    made = convert(Origin.FLAGGER, objects("canary"), Options(approvers="leads"))
    _, deploy, applied = plain(made)
    assert (deploy["analysis"]["first-weight"], deploy["analysis"]["steps"]) == (10, [20, 30, 40, 50])
    assert (deploy["analysis"]["min-dwell"], deploy["analysis"]["metrics"]["errors"]["gate"]) == ("60s", 0.01)
    assert [one["before"] for one in deploy["approvals"]] == [10, 20, 30, 40, 50, "promotion"]
    assert deploy["routing"] == {"header": "x-canary: insider", "cookie": "canary=always", "mirror": 30, "sticky": True}
    assert applied[1]["spec"]["ports"] == [{"port": 80, "targetPort": 8080, "appProtocol": "http"}]


def test_nothing_is_lost_of_what_has_an_equal_here():
    text = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: shop, namespace: shops}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: "shop:1"}]}
  strategy:
    canary:
      stableService: stable
      trafficRouting: {plugins: {argoproj-labs/gatewayAPI: {httpRoute: market}}}
      steps: [{setWeight: 10}, {pause: {duration: 5m}}, {setWeight: 50}, {pause: {duration: 5m}}]
---
apiVersion: v1
kind: Service
metadata: {name: stable, namespace: shops}
spec: {ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: market, namespace: shops}
spec: {parentRefs: [{name: edge}], hostnames: [shop.example.org], rules: [{backendRefs: [{name: stable, port: 80}]}]}
"""
    made = convert(Origin.ROLLOUTS, objects_of(list(yaml.safe_load_all(text))), Options(cluster="edge"))
    assert [one for one in made.remarks if one.kind is not Kind.NOTE] == []
    assert made.complete


@pytest.mark.parametrize(
    ("documents", "why"),
    [
        ([], "there is no Rollout"),
        ([{"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": n}} for n in "ab"], "a, b"),
        ([{"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "spec": {"workloadRef": {"kind": "X"}}}], "add"),
        ([{"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}], "no release can be made"),
        ([{}] * 201, "at most 200"),
    ],
)
def test_what_no_release_can_be_made_of_is_said(documents, why):
    with pytest.raises(ValueError, match=why):
        convert(Origin.ROLLOUTS, documents)
