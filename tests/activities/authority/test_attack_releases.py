"""An engine that was taken over gets no permit for objects, images or times that the environment does not allow."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from activities.authority.memory import MemoryRegistry
from activities.core import serialization as serial
from domain.approvals.request import ApprovalSubject, Decision, EnvironmentRule, VerifiedIdentity
from domain.approvals.scope import Scope, document
from domain.authority.permit import Claim
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.pipelines.job import Job, JobKind
from domain.releases.kubernetes.prepared import dumped
from domain.releases.together.spec import Together
from domain.supply_chain.image_policy import ImageRule
from tests.contracts.targets.kubernetes import in_cluster
from tests.support.signers import COMMIT, Signing, release

PLACE = {"cluster": "edge", "namespace": "shop", "gateway": "infra/public", "host": "{service}.example"}
ONE = in_cluster("1", "r1")
IMAGE = f"registry.example/web@sha256:{'a' * 64}"
assert ONE.spec.kubernetes is not None
KUBERNETES = ONE.spec.kubernetes
SHIP = Job(
    "ship",
    JobKind.DEPLOY,
    "ship",
    environment="prod",
    deploy=replace(ONE.spec, image="registry.example/web:1", kubernetes=replace(KUBERNETES, rendered="")),
)


@pytest.fixture
def signing() -> Signing:
    rule = EnvironmentRule(name="prod", kubernetes=json.dumps(PLACE))
    made = Signing(registry=MemoryRegistry(rules={"prod": rule}))
    made.begun([SHIP])
    return made


def pod(**more: Any) -> Any:
    return {"containers": [{"name": "web", "image": "registry.example/web:1"}], **more}


def rendered(signing: Signing, template: Any = None, *others: Any) -> str:
    workload: Any = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    spec: Any = {"selector": {"matchLabels": {"app": "web"}}}
    labelled = {"metadata": {"labels": {"app": "web"}}, "spec": template or pod()}
    return signing.put(dumped([{**workload, "spec": {**spec, "template": labelled}}, *others]))


def claimed(digest: str, image: str = IMAGE, digests: Any = None, **more: Any) -> Claim:
    kubernetes = replace(KUBERNETES, rendered=digest, digests=digests or {})
    spec = replace(ONE.spec, image=image, kubernetes=kubernetes)
    return release(SHIP, artifact="", spec=spec, **more)


def code(signing: Signing, claim: Claim) -> str:
    try:
        signing.client.permit(claim)
    except RefusedError as refused:
        return refused.code
    return "permitted"


@pytest.mark.parametrize(
    ("template", "others"),
    [
        (pod(hostNetwork=True), ()),
        (pod(serviceAccountName="admin", automountServiceAccountToken=True), ()),
        (pod(), ({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "x"}},)),
        (pod(), ({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}},)),
    ],
)
def test_the_signer_reads_the_objects_itself_whoever_has_let_them_pass(signing, template, others):
    assert code(signing, claimed(rendered(signing, template, *others))) == "SLW963"


def test_what_the_policy_of_kinds_lets_through_is_permitted_and_not_sent_again(signing):
    digest = rendered(signing)
    assert code(signing, claimed(digest)) == "permitted"
    signing.blobs.pop(digest)
    assert code(signing, claimed(digest, action="shift", share=500)) == "permitted"


@pytest.mark.parametrize("data", [b"[1]", b"{", b"null", b'{"a": 1}'])
def test_what_is_no_list_of_objects_is_permitted_to_nobody(signing, data):
    assert code(signing, claimed(signing.put(data))) == "SLW963"


def test_objects_that_are_not_what_their_digest_says_are_refused(signing):
    digest = rendered(signing)
    signing.blobs[digest] = b"[]"
    assert code(signing, claimed(digest)) == "SLW011"


def test_every_container_has_a_digest_and_what_the_environment_demands(signing):
    signing.registry.image_rules["prod"] = ImageRule()
    digest = rendered(signing, pod(initContainers=[{"name": "i", "image": "registry.example/init:1"}]))
    known = {"registry.example/web:1": IMAGE}
    assert code(signing, claimed(digest)) == "SLW047"
    assert code(signing, claimed(digest, digests=known)) == "SLW047"
    all_of_them = {**known, "registry.example/init:1": f"registry.example/init@sha256:{'b' * 64}"}
    signing.registry.image_rules["prod"] = ImageRule(built_here=True)
    assert code(signing, claimed(digest, digests=all_of_them)) == "SLW047"
    signing.registry.image_rules["prod"] = ImageRule()
    assert code(signing, claimed(digest, digests=all_of_them)) == "permitted"


def test_nothing_goes_forward_in_a_closed_window_and_everything_back(signing):
    digest = rendered(signing)
    signing.registry.closing["prod"] = "frozen (sales): closed until Mon 2026-11-30 09:00 UTC"
    assert code(signing, claimed(digest, action="preflight")) == "permitted"
    assert code(signing, claimed(digest)) == "SLW048"
    del signing.registry.closing["prod"]
    assert code(signing, claimed(digest)) == "permitted"
    assert code(signing, claimed(digest, action="shift", share=500)) == "permitted"
    signing.registry.closing["prod"] = "frozen"
    for action, share, said in (
        ("shift", 1000, "SLW048"),
        ("route", 10_000, "SLW048"),
        ("shift", 500, "permitted"),  # it is tried again
        ("shift", 0, "permitted"),
        ("shift", 500, "SLW048"),
        ("stop", 0, "permitted"),
    ):
        assert code(signing, claimed(digest, action=action, share=share)) == said
    signing.open()  # what a restarted signer knows
    assert code(signing, claimed(digest, action="shift", share=500)) == "SLW048"


def test_what_was_live_goes_back_in_at_any_time(signing):
    digest = rendered(signing)
    assert code(signing, claimed(digest)) == "permitted"
    assert code(signing, claimed(digest, action="route", share=10_000)) == "permitted"
    signing.registry.closing["prod"] = "frozen"
    assert code(signing, claimed(digest, action="route", share=10_000, instance="r1")) == "permitted"


def test_people_let_a_release_pass_its_windows_by_what_they_have_signed(signing):
    digest = rendered(signing)
    signing.registry.closing["prod"] = "frozen"
    assert code(signing, claimed(digest)) == "SLW048"
    overridden(signing, "r2")
    assert code(signing, claimed(digest)) == "SLW048"
    overridden(signing, "r1")
    assert code(signing, claimed(digest)) == "permitted"


@pytest.mark.parametrize("run", ["run/shop/2", "run/shop/1.2", "run/other/1", ""])
def test_what_people_let_pass_in_one_run_passes_in_no_other_under_the_same_number_and_commit(signing, run):
    digest = rendered(signing)
    signing.registry.closing["prod"] = "frozen"
    overridden(signing, "r1", run=run)
    assert code(signing, claimed(digest)) == "SLW048"
    overridden(signing, "r1")
    assert code(signing, claimed(digest)) == "permitted"


def test_people_let_several_services_pass_their_windows_at_once(signing):
    assert SHIP.deploy is not None
    signing = Signing(registry=signing.registry)
    signing.begun([replace(SHIP, deploy=replace(SHIP.deploy, together=SET))])
    digest = rendered(signing)
    signing.registry.closing["prod"] = "frozen"
    overridden(signing, "r7", "other")
    assert code(signing, of_a_set(digest)) == "SLW048"
    overridden(signing, "r8", SET.name)
    assert code(signing, of_a_set(digest)) == "SLW048"
    overridden(signing, "r7", SET.name)
    assert code(signing, of_a_set(digest)) == "permitted"


SET = Together(name="all", needs={"web": (), "api": ("web",)})


def of_a_set(digest: str) -> Claim:
    made = claimed(digest)
    spec = {**Node(made.what)["spec"].object(), "together": serial.dump_plain(SET)}
    return replace(made, whole=7, what={**Node(made.what).object(), "spec": spec})


def overridden(signing: Signing, instance: str, service: str = "web", run: str = "run/shop/1") -> None:
    """As `sluiceway release override` asks for it."""
    signing.registry.people.setdefault("ada", VerifiedIdentity(True, ("leads",), (), True))
    of = f"approval/release/{service}/prod/{instance.removeprefix('r')}/override"
    rule = signing.registry.rule("prod").digest
    scope = signing.put(document(Scope(job="override", commit=COMMIT, run=run)))
    subject = ApprovalSubject(of, "n", "override", COMMIT, version=2, environment="prod", rule=rule, scope=scope)
    decision = Decision(
        approver="ada",
        approve=True,
        binding=subject,
        expires_at=signing.now + 60,
        signature=f"s-{service}-{instance}-{run}",
    )
    signing.client.decision(decision)
