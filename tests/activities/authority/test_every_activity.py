"""Every activity either asks for a permit before it touches anything, or is declared without an effect, and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.clusters.activities import ClusterActivities
from activities.clusters.port import PhaseInput, RepairInput
from activities.clusters.providers.memory import MemoryProvider
from activities.clusters.remediation import RemediationActivities
from activities.kubernetes.impersonation import nobody
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.port import NoClusterError
from activities.pods.activities import PodActivities
from activities.pods.objects import ObjectActivities
from activities.pods.port import NewPod, ObjectWish, PodAt
from activities.releases.argocd.activities import ArgocdActivities
from activities.releases.argocd.port import SyncRequest
from activities.storage.stores.folder import FolderStore
from activities.volumes.activities import VolumeActivities
from activities.volumes.port import VolumeRequest
from domain.authority.permit import Claim, SignedPermit
from domain.clusters.access import Access
from domain.clusters.plan import Phase
from domain.clusters.remediation import Decision, Remedy
from domain.clusters.spec import ClusterSpec
from domain.core.errors import RefusedError
from domain.pods.object_action import ObjectAction
from domain.releases.argocd.job import ArgocdSync
from domain.volumes.volume import VolumeAction, VolumeSpec
from tests.support.lab import prepared

ASKS = {
    "run-job": "exec, publish and secret: tests/contracts/executors, test_attack_permits",
    "release-action": "deploy: tests/workflows/releases, test_attack_permits",
    **dict.fromkeys(("drift", "observe-release"), "deploy, to put back what was permitted: test_drift of releases"),
    "write-outcome": "deploy: tests/activities/releases/test_outcome",
    **dict.fromkeys(("cluster-phase", "cluster-undo", "cluster-leftovers", "cluster-differences"), "here"),
    "ask-cluster": "cluster, where it was made elsewhere: tests/activities/clusters/test_requesting",
    **dict.fromkeys(("cluster-reference", "cluster-health", "cluster-mend"), "here"),
    **dict.fromkeys(("volume-act", "argocd-sync", "create-pod", "end-pod", "remove-pod", "act-on-object"), "here"),
}
"""Activities that ask, and where a test shows that they touch nothing without a permit."""

TALKS = "tells or asks workflows of this engine, whose own effects ask"
READS = "reads what the engine keeps"
KEEPS = "writes the engine's own records, which permit nothing"
TOLD = "tells the signer what was read, which the signer verifies itself"
REACHES = "reads a cluster, by the address that is registered under its name alone"
WITHOUT = {
    "cancel-workflow": TALKS,
    "change-cluster": TALKS,
    "settle-cluster": TALKS,
    "record-request": KEEPS,
    "see-cluster-off": TALKS,
    "deliver-schedule": TALKS,
    "join-queue": TALKS,
    "roll-back": TALKS,
    "take-back-cluster": TALKS,
    "carried-by-clusters": TALKS,
    "reach-cluster": REACHES,
    "who-is-gone": TALKS,
    "is-open": TALKS,
    "running": TALKS,
    "read-definition": TOLD,
    "plan-rerun": TOLD,
    "begin-run": TOLD,
    "check-decision": TOLD,
    "load-plan-page": READS,
    "load-results": READS,
    "origin-of-run": READS,
    "granted-before": READS,
    "environment-rule": READS,
    "release-window": READS,
    "people-of-change": READS,
    "unowned-addresses": READS,
    "approval-covers": READS,
    "admit-image": READS,
    "record-run": KEEPS,
    "record-release": KEEPS,
    "reserve-release": KEEPS,
    "keep-scope": KEEPS,
    "keep-ticks": KEEPS,
    "remember-rescan": f"{KEEPS}; its attestation is signed by the signer, which reads it",
    "block-image": f"{KEEPS}; it closes a gate, and the signer reads what it signs",
    "gate": "judges reports; the signer reads the verdict that it signs",
    "scan": "reads the commit of a run with tools in a folder of its own",
    "render-release": "reads the commit of a run in the sandboxed child, without network; keeps what it gives by digest",
    "rescan": "reads a list of parts with a tool in a folder of its own",
    "observe-pool": "reads what the observers of releases have recorded",
    "notify": "tells people, at the addresses that the installation has",
    "cluster-survey": REACHES,
    "admit-run": REACHES,
    "explain-pod": REACHES,
    "look-at-pod": REACHES,
    "node-exists": REACHES,
    "watch-pods": REACHES,
    "watch-inventory": REACHES,
    "record-cluster": KEEPS,
}
"""Activities without an effect, each with the reason."""

HERE = [name for name, where in ASKS.items() if where == "here"]
AT = PodAt(Access("file:/k"), "edge", "default", "web", "pod/edge/default/web/1")
SPEC = ClusterSpec("edge", "memory")


def name_of(activity: Callable[..., object]) -> str:
    return str(activity.__temporal_activity_definition.name)  # type: ignore[attr-defined]


def test_every_activity_of_a_worker_asks_or_is_declared_without_an_effect(tmp_path):
    made = prepared("127.0.0.1:1", tmp_path)
    names = {name_of(one) for one in made.wired.activities}

    assert names == ASKS.keys() | WITHOUT.keys()
    assert not ASKS.keys() & WITHOUT.keys()


class Nothing(Everything):
    """Permits nothing, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Claim] = []

    def permit(self, claim: Claim) -> SignedPermit:
        self.asked.append(claim)
        raise RefusedError("SLW034", "not permitted")


def calls(folder: Path, permits: Nothing, touched: list[str]) -> dict[str, Callable[[], Awaitable[object]]]:
    """Each activity with an input; what it would touch says so."""

    class Provider(MemoryProvider):
        def __getattribute__(self, name: str) -> object:
            if not name.startswith("_"):
                touched.append(name)
            return super().__getattribute__(name)

    def opened(access: Access, cluster: str) -> object:
        touched.append("open")
        raise NoClusterError("SLW943", "touched")

    book = AddressBook(folder / "book")
    book.remember("edge", AT.access)
    clusters = ClusterActivities({"memory": Provider()}, permits=permits)
    repairs = RemediationActivities(opened, permits=permits)  # type: ignore[arg-type]
    pods = PodActivities(opened, FolderStore(folder), permits=permits, hands=nobody)  # type: ignore[arg-type]
    volumes = VolumeActivities(opened, book, permits=permits)  # type: ignore[arg-type]
    argo = ArgocdActivities(opened, book, permits=permits)  # type: ignore[arg-type]
    objects = ObjectActivities(opened, book, permits=permits, hands=nobody)  # type: ignore[arg-type]
    evict = ObjectWish("edge", ObjectAction.DELETE, "Pod", "default", "web")
    phase, wish = PhaseInput(SPEC, Phase.NODES), VolumeRequest("edge", VolumeSpec("data"), VolumeAction.DELETE)
    repair = RepairInput(AT.access, "edge", Decision(Remedy.REPLACE, "n1", "gone"))
    return {
        "cluster-phase": lambda: clusters.phase(phase),
        "cluster-undo": lambda: clusters.undo(phase),
        "cluster-leftovers": lambda: clusters.leftovers(SPEC),
        "cluster-differences": lambda: clusters.differences(SPEC),
        "cluster-reference": lambda: clusters.reference(SPEC),
        "cluster-health": lambda: clusters.health(SPEC),
        "cluster-mend": lambda: repairs.mend(repair),
        "volume-act": lambda: volumes.act(wish),
        "argocd-sync": lambda: argo.sync(SyncRequest(ArgocdSync("edge", "argocd", "shop"), "k")),
        "create-pod": lambda: pods.create(NewPod(AT, {})),
        "end-pod": lambda: pods.end(AT),
        "remove-pod": lambda: pods.remove(AT, False),
        "act-on-object": lambda: objects.act(evict),
    }


@pytest.mark.parametrize("name", HERE)
async def test_without_a_permit_nothing_is_touched(tmp_path, name):
    permits, touched = Nothing(), list[str]()
    call = calls(tmp_path, permits, touched)[name]

    async def said() -> str:
        try:
            return str(await call())
        except ApplicationError as refused:
            return f"{refused.type} {'for good' if refused.non_retryable else 'for now'}"

    answer = await ActivityEnvironment().run(said)
    assert "SLW034" in answer
    assert "for now" not in answer
    assert [claim.subject for claim in permits.asked] == ["edge"]
    assert touched == []


@pytest.mark.parametrize("access", [Access("file:/tmp/evil"), Access("file:/k", "other")])
def test_a_cluster_is_reached_by_its_registered_address_alone(tmp_path, access):
    book = AddressBook(tmp_path)
    book.remember("edge", AT.access)

    with pytest.raises(NoClusterError) as refused:
        book.opened(access, "edge", lambda reach, name: name)
    assert refused.value.code == "SLW952"
    assert book.opened(AT.access, "edge", lambda reach, name: name) == "edge"
