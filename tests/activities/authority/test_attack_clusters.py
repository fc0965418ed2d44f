"""Somebody who can forge every message about clusters changes none: people order, plans say, the signer remembers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from activities.authority.cluster_forms import content, form, where
from activities.authority.log import MemoryLog
from activities.clusters import permits as of_clusters
from activities.pods import permits as of_pods
from activities.pods.port import NewPod, PodAt
from activities.volumes import permits as of_volumes
from activities.volumes.port import VolumeRequest
from domain.authority.cluster_orders import KNOWN, LOOK, REPAIR, UNDO, Order, OrderKind
from domain.authority.permit import Claim, Effect, digest_of
from domain.clusters.access import Access
from domain.clusters.provision import ProvisionSpec
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Manifest
from domain.core.errors import RefusedError
from domain.pipelines.job import Job, JobKind
from domain.secrets.rules import SecretUse
from domain.volumes.volume import VolumeAction, VolumeSpec
from domain.volumes.volume_job import VolumeJob
from tests.support.signers import Signing

SPEC = ClusterSpec("edge", "memory", pools=(NodePool("web", 2), NodePool("burst", 1, max_count=4)))
EVIL = replace(SPEC, connection={"folder": "/tmp/evil"})
PHASES = ("preflight", "network", KNOWN)
PLANNED = ProvisionSpec(replace(SPEC, name="template"), "run-${{ run.number }}", ephemeral=True)
MADE = Job("made", JobKind.PROVISION, "made", provision=PLANNED)
CLAIMS = Job("data", JobKind.VOLUME, "data", volume=VolumeJob("edge", VolumeSpec("data"), VolumeAction.CREATE))
USE = SecretUse(run="run/shop/1", job="made", cell="made", pipeline="shop")


@pytest.fixture
def signing() -> Signing:
    return Signing()


def wants(signing: Signing, spec: ClusterSpec = SPEC) -> None:
    signing.client.order(Order(kind=OrderKind.CLUSTER, cluster=spec.name, what=digest_of(form(spec))))


def deletes(signing: Signing, name: str = "edge") -> None:
    signing.client.order(Order(kind=OrderKind.DELETE, cluster=name))


def code(signing: Signing, *claims: Claim) -> str:
    """Of the first refusal."""
    try:
        for claim in claims:
            signing.client.permit(claim)
    except RefusedError as refused:
        return refused.code
    return "permitted"


def made(signing: Signing, spec: ClusterSpec = SPEC) -> str:
    return code(signing, *(of_clusters.change(spec, action) for action in PHASES))


def undone(signing: Signing, spec: ClusterSpec = SPEC) -> str:
    return code(signing, of_clusters.change(spec, f"{UNDO}network"))


def test_a_cluster_that_nobody_wants_is_neither_made_nor_looked_at(signing):
    assert made(signing) == "SLW034"
    assert code(signing, of_clusters.change(SPEC, LOOK)) == "SLW034"

    wants(signing)
    assert made(signing) == "permitted"


@pytest.mark.parametrize("spec", [EVIL, replace(SPEC, version="1.30.0"), replace(SPEC, pools=(NodePool("web", 3),))])
def test_another_cluster_than_was_ordered_is_not_made_and_its_definition_not_read(signing, spec):
    wants(signing)

    assert made(signing, spec) == "SLW034"
    assert code(signing, of_clusters.change(spec, LOOK)) == "SLW034"
    assert undone(signing, spec) == "SLW034"


def test_autoscaling_stays_between_the_limits_of_the_definition(signing):
    wants(signing)
    made(signing)
    web, burst = SPEC.pools

    assert made(signing, replace(SPEC, pools=(web, replace(burst, count=4)))) == "permitted"
    assert made(signing, replace(SPEC, pools=(web, replace(burst, count=5)))) == "SLW034"
    assert made(signing, replace(SPEC, pools=(replace(web, count=3), burst))) == "SLW034"


def test_a_cluster_that_stands_is_taken_down_by_an_order_alone(signing):
    wants(signing)
    made(signing)
    assert undone(signing) == "SLW034"

    deletes(signing)
    assert undone(signing) == "permitted"
    assert code(signing, of_clusters.change(SPEC, LOOK)) == "permitted"
    assert made(signing) == "SLW034"


def test_a_deletion_is_over_when_the_cluster_is_made_again(signing):
    wants(signing)
    made(signing)
    deletes(signing)
    undone(signing)
    wants(signing)

    assert made(signing) == "permitted"
    assert undone(signing) == "SLW034"


def test_a_cluster_that_was_never_complete_is_cleaned_up(signing):
    wants(signing)
    code(signing, of_clusters.change(SPEC, "preflight"), of_clusters.change(SPEC, "network"))

    assert undone(signing) == "permitted"


def test_a_later_wish_replaces_what_is_permitted(signing):
    later = replace(SPEC, pools=(NodePool("web", 5),))
    wants(signing)
    made(signing)
    wants(signing, later)
    assert made(signing) == "permitted"

    assert made(signing, later) == "permitted"
    assert made(signing) == "SLW034"


def test_a_provision_job_makes_the_planned_cluster_and_takes_it_down_after_its_run(signing):
    signing.begun((MADE,))
    spec = replace(SPEC, name="run-1", use=USE)

    assert made(signing, replace(EVIL, name="run-1", use=USE)) == "SLW012"
    assert made(signing, replace(spec, name="other")) == "SLW012"
    assert made(signing, replace(spec, use=replace(USE, run="run/shop/9"))) == "SLW011"
    assert made(signing, spec) == "permitted"
    signing.client.end("run/shop/1")
    assert code(signing, of_clusters.change(spec, LOOK)) == "permitted"
    assert undone(signing, spec) == "permitted"


@pytest.mark.parametrize("when", ["always()", "failure()"])
def test_a_job_whatever_came_before_it_makes_the_planned_cluster_only(signing, when):
    signing.begun((replace(MADE, when=when),))

    assert made(signing, replace(EVIL, name="run-1", use=USE)) == "SLW012"
    assert made(signing, replace(SPEC, name="run-1", use=USE)) == "permitted"


def test_a_cluster_that_a_run_made_to_stay_is_not_taken_down_by_a_run(signing):
    stays = replace(MADE, provision=replace(PLANNED, ephemeral=False))
    signing.begun((stays,))
    spec = replace(SPEC, name="run-1", use=USE)

    assert made(signing, spec) == "permitted"
    assert undone(signing, spec) == "SLW034"
    deletes(signing, "run-1")
    assert undone(signing, spec) == "permitted"


def repaired(signing: Signing, task: str) -> str:
    what: Manifest = {"decision": {"remedy": "replace", "target": "n1"}, "task": task}
    return code(signing, Claim(effect=Effect.CLUSTER, subject="edge", what=what, action=REPAIR))


def test_repairs_are_made_where_somebody_wants_them_and_no_more_of_them(signing):
    wants(signing)
    made(signing)
    assert repaired(signing, "1") == "SLW034"

    signing.client.order(Order(kind=OrderKind.GUARD, cluster="edge", actions=2))
    assert [repaired(signing, task) for task in ("1", "1", "2", "3")] == ["permitted"] * 3 + ["SLW034"]
    signing.now += 3_600
    assert repaired(signing, "4") == "permitted"
    signing.client.order(Order(kind=OrderKind.GUARD, cluster="edge", actions=0))
    assert repaired(signing, "5") == "SLW034"


POD = "pod/edge/default/web/1"
AT = PodAt(Access("file:/k"), "edge", "default", "web", POD)
NEW = NewPod(AT, {"kind": "Pod"}, {"a": "b"}, {"TOKEN": "mail"})


def runs_pod(signing: Signing) -> None:
    what = digest_of(content(NEW.manifest, NEW.files, NEW.secrets))
    there = digest_of(where(AT.access, AT.namespace))
    signing.client.order(Order(kind=OrderKind.POD, cluster="edge", pod=POD, what=what, where=there, lasts_s=60))


@pytest.mark.parametrize(
    "new",
    [
        replace(NEW, manifest={"kind": "Pod", "spec": {"hostPID": True}}),
        replace(NEW, files={}),
        replace(NEW, secrets={"TOKEN": "root"}),
        replace(NEW, at=replace(AT, namespace="kube-system")),
        replace(NEW, at=replace(AT, access=Access("file:/tmp/evil"))),
        replace(NEW, at=replace(AT, name="other")),
        replace(NEW, at=replace(AT, cluster="prod")),
        replace(NEW, at=replace(AT, workflow="pod/edge/default/web/2")),
    ],
)
def test_another_pod_than_was_ordered_is_not_run(signing, new):
    assert code(signing, of_pods.creation(NEW)) == "SLW034"
    runs_pod(signing)

    assert code(signing, of_pods.creation(new)) == "SLW034"
    assert code(signing, of_pods.creation(NEW)) == "permitted"
    assert code(signing, of_pods.creation(replace(NEW, at=replace(AT, name="web-2")))) == "permitted"


def test_a_pod_that_nobody_ordered_is_not_deleted_and_an_old_order_runs_nothing(signing):
    assert code(signing, of_pods.removal(AT)) == "SLW034"
    runs_pod(signing)
    assert code(signing, of_pods.removal(replace(AT, namespace="kube-system"))) == "SLW034"
    signing.now += 7_200

    assert code(signing, of_pods.creation(NEW)) == "SLW034"
    assert code(signing, of_pods.removal(AT)) == "permitted"


WISH = VolumeRequest("edge", VolumeSpec("data"), VolumeAction.DELETE, key="k")


def test_a_volume_changes_as_somebody_has_ordered_for_a_while(signing):
    assert code(signing, of_volumes.action(WISH)) == "SLW034"
    signing.client.order(
        Order(kind=OrderKind.VOLUME, cluster="edge", what=digest_of(of_volumes.ordered(WISH)), lasts_s=300)
    )

    assert code(signing, of_volumes.action(replace(WISH, spec=VolumeSpec("other")))) == "SLW034"
    assert code(signing, of_volumes.action(WISH)) == "permitted"
    signing.now += 7_200
    assert code(signing, of_volumes.action(WISH)) == "SLW034"


def test_a_volume_job_does_what_is_planned(signing):
    signing.begun((CLAIMS,))
    wish = VolumeRequest("edge", VolumeSpec("data"), VolumeAction.CREATE, run="run/shop/1", job="data", snapshot=True)

    assert code(signing, of_volumes.action(replace(wish, action=VolumeAction.DELETE))) == "SLW012"
    assert code(signing, of_volumes.action(replace(wish, cluster="prod"))) == "SLW012"
    assert code(signing, of_volumes.action(wish)) == "permitted"


def test_a_restarted_signer_knows_the_orders(signing):
    wants(signing)
    made(signing)
    runs_pod(signing)
    signing.open()

    assert code(signing, of_pods.creation(NEW)) == "permitted"
    assert undone(signing) == "SLW034"
    assert made(signing) == "permitted"


def test_clusters_from_before_are_what_they_are_at_the_first_question_and_stand():
    signing = Signing(MemoryLog())
    signing.log.append("upgrade", {"clusters": ["edge"]})
    signing.open()

    assert code(signing, of_clusters.change(SPEC, LOOK)) == "permitted"
    assert made(signing, EVIL) == "SLW034"
    assert undone(signing) == "SLW034"
    deletes(signing)
    assert undone(signing) == "permitted"


def test_the_list_of_clusters_from_before_is_made_once():
    log = MemoryLog()
    for _ in range(2):
        Signing(log)

    assert [entry.kind for entry in log.entries()] == ["upgrade"]
