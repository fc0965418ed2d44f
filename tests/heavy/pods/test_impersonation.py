"""People act under their own names at a real API server: its RBAC decides, and it sees who they are."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import Kubes
from activities.kubernetes.impersonation import Acting, capability
from activities.kubernetes.kubeconfigs import AddressBook
from activities.pods.activities import PodActivities
from activities.pods.cluster_terminals import ClusterTerminals
from activities.pods.objects import ObjectActivities
from activities.pods.port import NewPod, ObjectDone, ObjectWish, PodAt
from activities.pods.reading import pod_clusters
from activities.storage.stores.folder import FolderStore
from domain.access.principal import Principal, PrincipalKind
from domain.authority.permit import Claim, SignedPermit, digest_of
from domain.clusters import metadata
from domain.clusters.impersonation import Impersonated
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.pods.exec_session import ExecTarget
from domain.pods.manifest import PodSpec, manifest
from domain.pods.object_action import RESTARTED_AT, ObjectAction
from tests.support.lab import until
from tests.support.made_clusters import IMAGE, Made

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]
ANN = Principal(kind=PrincipalKind.PERSON, name="ann", groups=("ops",))
BEN = Principal(kind=PrincipalKind.PERSON, name="ben")
CAT = Principal(kind=PrincipalKind.PERSON, name="cat", groups=("okta/readers",))
AT, SPACE = "2026-11-30T04:00:00Z", "team"
RBAC = "rbac.authorization.k8s.io"
TELLS = "'made by ' + request.userInfo.username + ' of ' + request.userInfo.groups.join(' ')"


class Ordered(Everything):
    """A signer that says who has ordered everything."""

    def __init__(self, person: Principal) -> None:
        super().__init__()
        self._person = person

    def permit(self, claim: Claim) -> SignedPermit:
        signed = super().permit(claim)
        who = {"person": self._person.id, "groups": self._person.groups}
        return replace(signed, permit=replace(signed.permit, **who))  # type: ignore[arg-type]


@pytest.fixture
def book(simulated: Made, tmp_path: Path) -> AddressBook:
    known = AddressBook(tmp_path / "addresses")
    known.remember("edge", simulated.access, impersonate=True)
    return known


def bound(made: Made, subject: Manifest, role: str) -> None:
    """As an administrator of the cluster does it, who knows nothing of the engine."""
    made.kube.create(
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": f"{role}-{digest_of(subject)[:8]}", "namespace": SPACE},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": RBAC, **subject}],
        }
    )


def pod(name: str, **labels: str) -> Object:
    made = manifest(PodSpec(IMAGE, ("sleep", "60")))
    return {**made, "metadata": {"name": name, "namespace": SPACE, "labels": {**labels}}}


def telling(name: str) -> list[Object]:
    """A policy that refuses what has a label, and says who asked."""
    rules: Manifest = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    spec: Manifest = {
        "matchConstraints": {"resourceRules": [rules]},
        "validations": [{"expression": "!has(object.metadata.labels.tell)", "messageExpression": TELLS}],
    }
    version: Manifest = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": name}}
    binding: Manifest = {"policyName": name, "validationActions": ["Deny"]}
    return [
        {**version, "kind": "ValidatingAdmissionPolicy", "spec": spec},
        {**version, "kind": "ValidatingAdmissionPolicyBinding", "spec": binding},
    ]


async def test_rbac_decides_and_the_api_server_sees_who_it_is(
    simulated: Made, book: AddressBook, tmp_path: Path
) -> None:
    for one in telling("tell-who"):
        simulated.kube.apply(one)
    clusters = pod_clusters(book, tmp_path / "clusters")

    def tried(who: Principal) -> str:
        try:
            clusters.open("edge", clusters.person("edge", who)).apply(pod("dry", tell="yes"), dry_run=True)
        except RefusedError as refused:
            return f"{refused.code} {refused.what} {refused.fix}"
        except SluicewayError as refused:
            return refused.why
        return "taken"

    no = tried(ANN)
    assert no.startswith("SLW974 the cluster does not let sluiceway:ann do this")
    words = shlex.split(no[no.index("kubectl") :])
    assert "--user=sluiceway:ann" in words
    bound(simulated, {"kind": "User", "name": "sluiceway:ann"}, "edit")
    bound(simulated, {"kind": "Group", "name": "sluiceway:okta/readers"}, "view")
    seen = await until(lambda: said if "made by" in (said := tried(ANN)) else None, 30)
    assert "made by sluiceway:ann of sluiceway:ops" in seen
    assert tried(CAT).startswith("SLW974")
    assert clusters.open("edge", clusters.person("edge", CAT)).refused("v1", "Pod", "delete", SPACE)
    assert clusters.open("edge", clusters.person("edge", CAT)).log(SPACE, "no-such", "main") == ""  # view has logs
    with pytest.raises(RefusedError, match="SLW974"):
        clusters.open("edge", clusters.person("edge", BEN)).log(SPACE, "no-such", "main")
    engine = clusters.open("edge", None)
    with pytest.raises(SluicewayError, match="made by ") as own:
        engine.apply(pod("dry", tell="yes"), dry_run=True)
    assert "sluiceway:" not in own.value.why


async def test_a_command_in_a_container_is_asked_for_by_the_person_also_over_a_websocket(
    simulated: Made, book: AddressBook, tmp_path: Path
) -> None:
    terminals = ClusterTerminals(book, tmp_path / "clusters")
    target = ExecTarget(cluster="edge", namespace=SPACE, pod="no-such", container="main", command=("true",))
    bound(simulated, {"kind": "User", "name": "sluiceway:eve"}, "edit")
    eve = Principal(kind=PrincipalKind.PERSON, name="eve")

    async def asked(who: Principal | None) -> str:
        with pytest.raises(RefusedError) as refused:
            async with terminals.open(target, who):
                pass
        return f"{refused.value.code}: {refused.value.why}"

    assert (no := await asked(CAT)).startswith("SLW974")
    assert 'User "sluiceway:cat" cannot' in no

    async def found_missing() -> bool:
        return (await asked(eve)).startswith("SLW943")

    await until(found_missing, 30)
    assert (await asked(None)).startswith("SLW943")


async def test_what_the_worker_does_for_a_person_their_own_role_binding_allows(
    simulated: Made, book: AddressBook, tmp_path: Path
) -> None:
    kubes = Kubes(tmp_path / "clusters")
    hands = Acting(book, kubes.open).hands
    bound(simulated, {"kind": "User", "name": "sluiceway:ben"}, "edit")
    spec: Manifest = {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "a", "image": IMAGE}]}},
    }
    web = simulated.kube.create(
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": SPACE}, "spec": spec}
    )
    wish = ObjectWish("edge", ObjectAction.RESTART, "Deployment", SPACE, "web", metadata.uid(web), AT)

    async def act(who: Principal) -> ObjectDone:
        objects = ObjectActivities(kubes.open, book, permits=Ordered(who), hands=hands)
        return await ActivityEnvironment().run(objects.act, wish)

    def made(who: Principal, name: str) -> Object:
        pods = PodActivities(kubes.open, FolderStore(tmp_path), permits=Ordered(who), hands=hands)
        at = PodAt(simulated.access, "edge", SPACE, name, f"pod/edge/{SPACE}/{name}/1")
        return pods._create(NewPod(at, dict(pod(name)), {"a.txt": "x"}))

    assert "SLW974" in (await act(CAT)).refusal
    with pytest.raises(RefusedError, match="SLW974"):
        made(CAT, "cats")
    done = await until(lambda: made(BEN, "bens"), 30)
    assert not (await act(BEN)).refusal
    after = Node(simulated.kube.get("apps/v1", "Deployment", "web", SPACE))
    assert after.at("spec", "template", "metadata", "annotations").strings()[RESTARTED_AT] == AT
    assert simulated.kube.get("v1", "ConfigMap", "bens-files", SPACE)
    assert simulated.kube.get("v1", "Pod", "cats", SPACE) is None
    freed: Manifest = {"metadata": {"finalizers": None}}
    simulated.kube.patch("v1", "Pod", "bens", freed, SPACE)
    simulated.kube.delete("v1", "Pod", "bens", SPACE, grace_s=0, uid=metadata.uid(done))


def test_a_credential_that_may_not_impersonate_is_told_so(simulated: Made, tmp_path: Path) -> None:
    weak = Kube(simulated.access, tmp_path / "discovery.json", person=Impersonated("sluiceway:weak"))
    assert "SLW975" in capability(weak)
    assert "SLW975" not in capability(simulated.kube)
