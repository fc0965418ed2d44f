"""Where a release goes in a cluster: the registered environment says it, whatever a plan or a message says."""

import json
from dataclasses import replace

import pytest

from domain.approvals.request import ChangeAuthors, EnvironmentRule
from domain.authority import rulings
from domain.authority.evidence import Chain
from domain.core.errors import RefusedError
from domain.pipelines.job import Job, JobKind
from domain.releases.kubernetes.registered import in_registered_place
from tests.contracts.targets.kubernetes import in_cluster

TEXT = json.dumps({"cluster": "edge", "namespace": "shop", "gateway": "infra/public", "host": "{service}.example"})
ONE = in_cluster("1", "r1")


def test_a_deployment_gets_the_place_of_its_environment():
    bare = replace(ONE.spec, kubernetes=None)
    assert in_registered_place(bare, TEXT) == ONE.spec


@pytest.mark.parametrize("text", ["", "{}", "[", '{"cluster": "edge"}', "null"])
def test_without_a_registered_place_nothing_is_released(text):
    assert isinstance(in_registered_place(ONE.spec, text), str)


@pytest.mark.parametrize(
    "wrong", [{"cluster": "other"}, {"namespace": "kube-system"}, {"gateway": "infra/other"}, {"host": "bank.example"}]
)
def test_the_signer_permits_no_other_place(wrong):
    spec = ONE.spec
    assert spec.kubernetes is not None
    moved = replace(spec, kubernetes=replace(spec.kubernetes, place=replace(spec.kubernetes.place, **wrong)))
    rule = EnvironmentRule(name="production", kubernetes=TEXT)
    rulings.registered_place(ONE, rule)
    with pytest.raises(RefusedError, match="production is not registered with"):
        rulings.registered_place(replace(ONE, spec=moved), rule)


SEVERAL = json.dumps({"clusters": {"eu-1": {"region": "eu"}, "us-1": {}}, "namespace": "shop"})


@pytest.mark.parametrize(("cluster", "text"), [("elsewhere", SEVERAL), ("", SEVERAL), ("edge", TEXT)])
def test_a_part_of_a_release_is_permitted_in_a_cluster_of_its_environment_only(cluster, text):
    spec = in_registered_place(ONE.spec, SEVERAL, "eu-1")
    assert not isinstance(spec, str)
    part, rule = replace(ONE, spec=spec, cluster="eu-1"), EnvironmentRule(name="production", kubernetes=text)
    rulings.registered_place(part, replace(rule, kubernetes=SEVERAL))
    with pytest.raises(RefusedError, match="is not registered with cluster"):
        rulings.registered_place(replace(part, cluster=cluster), rule)


def test_a_part_for_one_cluster_does_not_go_to_another_of_the_same_environment():
    spec = in_registered_place(ONE.spec, SEVERAL, "us-1")
    assert not isinstance(spec, str)
    rule = EnvironmentRule(name="production", kubernetes=SEVERAL)
    with pytest.raises(RefusedError, match="is not registered with"):
        rulings.registered_place(replace(ONE, spec=spec, cluster="eu-1"), rule)


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("registry.example/web:1", f"evil.example/web@sha256:{'e' * 64}"),
        ("registry.example/web:1", "registry.example/web:2"),
        (f"registry.example/web@sha256:{'a' * 64}", f"registry.example/web@sha256:{'e' * 64}"),
    ],
)
def test_the_signer_permits_no_other_image_in_the_place_of_a_tag(name, image):
    good = f"registry.example/web@sha256:{'a' * 64}"
    chain = planned()
    rulings.as_planned_before(chain, with_digests({"registry.example/web:1": good, good: good}))
    with pytest.raises(RefusedError, match="would run another image"):
        rulings.as_planned_before(chain, with_digests({name: image}))


def test_an_image_that_is_planned_by_its_digest_is_released_by_no_other():
    good, evil = (f"registry.example/web@sha256:{letter * 64}" for letter in "ae")
    rulings.as_planned_before(planned(image=good), with_digests({}, image=good))
    rulings.as_planned_before(planned(image="registry.example/web:1"), with_digests({}, image=good))
    with pytest.raises(RefusedError, match="differs in deploy"):
        rulings.as_planned_before(planned(image=good), with_digests({}, image=evil))


def planned(**spec) -> Chain:
    job = Job("ship", JobKind.DEPLOY, "ship", environment=ONE.environment, deploy=replace(ONE.spec, **spec))
    people = ChangeAuthors()
    return Chain("run/web/1", "c" * 40, "c" * 40, lambda environment: people, {"run/web/1": (job,)})


def with_digests(digests, **spec):
    assert ONE.spec.kubernetes is not None
    kubernetes = replace(ONE.spec.kubernetes, digests=digests, rendered="f" * 64)
    return replace(ONE, spec=replace(ONE.spec, kubernetes=kubernetes, **spec))
