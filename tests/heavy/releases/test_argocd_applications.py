"""An Application is synced through a real API server: its conflicts, its merge patches, its rights. Argo CD is played."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.kubernetes.client import Kube
from activities.kubernetes.kubeconfigs import AddressBook
from activities.releases.argocd.activities import ArgocdActivities
from activities.releases.argocd.port import SyncDone, SyncRequest
from domain.clusters.access import Access
from domain.core.documents import Manifest
from domain.core.errors import SluicewayError
from domain.releases.argocd.application import API, KIND, Application
from domain.releases.argocd.job import ArgocdSync
from tests.support.cluster_phases import wait
from tests.support.made_clusters import simulated as simulated
from tests.support.played_argocd import NAME, NAMESPACE, PlayedArgo, application

pytestmark = pytest.mark.heavy
WISH = ArgocdSync("edge", NAMESPACE, NAME, limit_s=60)


def _kind() -> Manifest:
    """As Argo CD's own: one version, no status subresource; any field."""
    schema: Manifest = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version: Manifest = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names: Manifest = {"kind": KIND, "plural": "applications", "singular": "application", "listKind": "ApplicationList"}
    spec: Manifest = {"group": "argoproj.io", "scope": "Namespaced", "names": names, "versions": [version]}
    kind = "CustomResourceDefinition"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "applications.argoproj.io"},
        "spec": spec,
    }


@pytest.fixture(scope="module")
def kube(simulated) -> Kube:
    simulated.kube.apply(_kind())
    simulated.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    wait(lambda: KIND in {kind for _, kind in simulated.kube.kinds()}, lambda: "the kind is not served")
    made: Kube = simulated.kube
    return made


def _play(argo: PlayedArgo, ended: threading.Event) -> None:
    while not ended.wait(0.05):
        for turn in (argo.tell, argo.look, argo.end, argo.begin):
            turn()


async def _synced(kube: Kube, folder: Path, key: str) -> SyncDone:
    book = AddressBook(folder / "book")
    book.remember("edge", Access("file:/k"))
    activities = ArgocdActivities(lambda access, cluster: kube, book, permits=Everything(), every_s=0.1)
    return await ActivityEnvironment().run(activities.sync, SyncRequest(WISH, key))


async def test_an_application_is_synced_and_a_second_try_changes_nothing(kube: Kube, tmp_path: Path):
    kube.create(application())
    argo, ended = PlayedArgo(kube), threading.Event()
    player = threading.Thread(target=_play, args=(argo, ended))
    player.start()
    try:
        done = await _synced(kube, tmp_path, "k1")
        again = await _synced(kube, tmp_path, "k1")
    finally:
        ended.set()
        player.join()
    assert (done.refusal, done.revision) == ("", argo.head)
    assert again == done
    assert Application(argo.read()).last.key == "k1"


def test_a_sync_is_not_asked_for_over_a_change_that_was_not_seen(kube: Kube):
    name = "raced"
    made = {**application(), "metadata": {"name": name, "namespace": NAMESPACE}}
    seen = Application(kube.create(made))
    kube.patch(API, KIND, name, {"metadata": {"labels": {"a": "b"}}}, NAMESPACE)
    with pytest.raises(SluicewayError) as refused:
        kube.patch(API, KIND, name, seen.operation(WISH, "k"), NAMESPACE)
    assert refused.value.status == 409
