"""A job's objects in a cluster: made without a look at all others, and removed without touching anybody else's."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from activities.jobs.executors.kubernetes import executor as executors
from activities.jobs.executors.kubernetes import pod_ref
from activities.jobs.executors.kubernetes.executor import KubernetesExecutor
from activities.jobs.executors.kubernetes.pod_ref import FILE, Held, Made
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.memory_objects import MemoryObjects
from domain.clusters import metadata
from domain.clusters.access import Access
from domain.jobs import job_pod
from domain.jobs.job_pod import KEY, PodRef
from domain.pipelines.container import ContainerSpec
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step

KEYED = "a" * 32


class Kube(MemoryObjects):
    """Pods are bare: no controller makes them. `listed`: kinds that were listed."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[str] = []

    def _act(self, namespace: str) -> None:
        pass

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> Any:
        self.listed.append(kind)
        return super().items(api_version, kind, namespace, labels)


@pytest.fixture
def kube() -> Kube:
    return Kube()


@pytest.fixture
def executor(kube: Kube, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KubernetesExecutor:
    book = AddressBook(tmp_path / "addresses")
    book.remember("edge", Access("file:/none"))
    monkeypatch.setattr("activities.kubernetes.discovery.Kubes.open", lambda *_: kube)
    monkeypatch.setattr(executors, "_ready", lambda *_: "node-1")
    monkeypatch.setattr("activities.jobs.executors.kubernetes.files.send", lambda *_: None)
    (tmp_path / "jobs" / KEYED).mkdir(parents=True)
    return KubernetesExecutor(tmp_path, tmp_path / "clusters", book)


def opened(executor: KubernetesExecutor, folder: Path) -> list[str]:
    spec = ContainerSpec("job:1", cluster="edge", namespace="team")
    job = Job("a", JobKind.RUN, "a", stage="run", steps=(Step("true"),), executor="kubernetes", container=spec)
    return executor.open(job, KEYED, folder, {}, lambda _: None)


def folder(tmp_path: Path) -> Path:
    return tmp_path / "jobs" / KEYED


def test_a_job_lists_nothing_that_grows_with_other_jobs(executor: KubernetesExecutor, kube: Kube, tmp_path: Path):
    opened(executor, folder(tmp_path))
    executor.close(KEYED)
    assert set(kube.listed) == {"ResourceQuota"}
    assert kube.every() == []


def test_what_an_earlier_attempt_has_left_goes_first(executor: KubernetesExecutor, kube: Kube, tmp_path: Path):
    opened(executor, folder(tmp_path))
    (earlier,) = kube.items("v1", "Pod", "team")
    opened(executor, folder(tmp_path))
    (now,) = kube.items("v1", "Pod", "team")
    assert now["metadata"]["uid"] != earlier["metadata"]["uid"]
    assert len(Held.read(folder(tmp_path) / FILE).made) == 2


def test_what_took_the_place_of_an_object_meanwhile_stays(executor: KubernetesExecutor, kube: Kube, tmp_path: Path):
    opened(executor, folder(tmp_path))
    policy = kube.items("networking.k8s.io/v1", "NetworkPolicy", "team")[0]
    kube.delete("networking.k8s.io/v1", "NetworkPolicy", policy["metadata"]["name"], "team")
    kube.create({**policy, "metadata": {"name": policy["metadata"]["name"], "namespace": "team"}})
    executor.close(KEYED)
    assert kube.every() == [f"NetworkPolicy/{policy['metadata']['name']}"]


def test_objects_whose_uids_were_not_kept_are_found_by_the_job_s_label(
    executor: KubernetesExecutor, kube: Kube, tmp_path: Path
):
    opened(executor, folder(tmp_path))
    path = folder(tmp_path) / FILE
    held = Held.read(path)
    Held(held.place, held.access, held.cache).write(path)
    executor.close(KEYED)
    assert kube.every() == []


def test_a_pod_that_another_worker_has_now_stays(kube: Kube):
    place = PodRef("edge", "team", "job-1", KEYED, "h", "me")
    pod: Any = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "job-1", "namespace": "team"}}
    noted = {"labels": {KEY: KEYED}, "annotations": {"sluiceway.dev/holder": "somebody else"}}
    found = kube.create({**pod, "metadata": pod["metadata"] | noted})
    pod_ref.remove(Held(place, Access("file:/none"), "", client=kube, made=(Made.of(found),)))  # type: ignore[arg-type]
    assert kube.every() == ["Pod/job-1"]


def test_two_installations_of_one_path_name_their_pods_apart_and_an_earlier_attempt_keeps_its_name(
    executor: KubernetesExecutor, kube: Kube, tmp_path: Path
):
    (tmp_path / "signer").mkdir()
    names = []
    for key in (b"a" * 32, b"b" * 32):
        (tmp_path / "signer" / "public.json").write_text(json.dumps({"permits": base64.b64encode(key).decode()}))
        opened(executor, folder(tmp_path))
        (pod,) = kube.items("v1", "Pod", "team")
        names.append((metadata.name(pod), metadata.labels(pod)[job_pod.HOME]))
        executor.close(KEYED)
        if key == b"a" * 32:
            opened(executor, folder(tmp_path))
            (again,) = kube.items("v1", "Pod", "team")
            assert metadata.name(again) == names[0][0]
            executor.close(KEYED)
            shutil.rmtree(folder(tmp_path))
            folder(tmp_path).mkdir()
    assert len(set(names)) == 2
