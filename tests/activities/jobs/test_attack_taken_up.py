"""Who may write pods and Secrets where jobs run makes no pod that the engine takes for a job's own."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from activities.jobs.executors.kubernetes import pod_ref, take_up
from activities.jobs.executors.kubernetes.agents import Agents
from activities.kubernetes.memory_objects import MemoryObjects
from domain.core.errors import SluicewayError
from domain.jobs.agent import AgentPlace
from domain.jobs.job_pod import HOLDER, PodRef
from domain.jobs.pod_mark import ANNOTATION, mark

KEY, SECRET = "a" * 32, b"s" * 32
STATUS = {
    "phase": "Running",
    "initContainerStatuses": [{"name": "agent"}],
    "containerStatuses": [{"name": "steps", "ready": True, "state": {"running": {}}}],
}
SETTINGS = base64.b64encode(b'{"token": "known to the attacker"}').decode()


class Kube(MemoryObjects):
    """Pods run as soon as they are there, without a controller."""

    def _act(self, namespace: str) -> None:
        pass

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Any:
        found: Any = super().get(api_version, kind, name, namespace)
        return {**found, "status": STATUS} if found and kind == "Pod" else found


def pod() -> Any:
    made: Any = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "job-1", "namespace": "team"}}
    return made | {"spec": {"containers": [{"name": "steps", "image": "job:1"}]}}


@pytest.fixture
def kube() -> Kube:
    made = Kube()
    secret: Any = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "job-1-agent", "namespace": "team"}}
    made.create({**secret, "data": {"settings.json": SETTINGS}})
    return made


@pytest.fixture
def held(kube: Kube) -> Any:
    place = PodRef("edge", "team", "job-1", KEY, "h", "me")
    return SimpleNamespace(kube=kube, place=place, name="job-1", namespace="team")


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Agents:
    monkeypatch.setattr(Agents, "given", lambda *_: "new settings")
    return Agents(tmp_path, AgentPlace("10.0.0.1", 1, "agent:1"), lambda: [b"old", SECRET])


def taken_up(held: Any, agents: Agents, monkeypatch: Any, moved: Callable[..., bool] = lambda *_: True) -> bool:
    monkeypatch.setattr(take_up, "moved", moved)
    return take_up.taken_up(held, agents, Path("/nowhere"), [], {"spec": {}})


def test_a_pod_that_a_worker_has_marked_is_taken_up(held: Any, kube: Kube, agents: Agents, monkeypatch: Any):
    take_up.marked(held, agents, kube.create(pod()))
    assert taken_up(held, agents, monkeypatch)


def _unmarked(kube: Kube) -> None:
    kube.create(pod())


def _marked_by_a_guess(kube: Kube) -> None:
    made = kube.create(pod())
    kube.edit("Pod", "job-1", _annotated(mark(b"guessed", KEY, made)), "team", manager="x")


def _with_the_mark_of_another_pod(kube: Kube) -> None:
    real = kube.create(pod())
    kube.delete("v1", "Pod", "job-1", "team")
    kube.create(pod() | {"metadata": pod()["metadata"] | _annotated(mark(SECRET, KEY, real))["metadata"]})


def _with_the_mark_of_another_job(kube: Kube) -> None:
    made = kube.create(pod())
    kube.edit("Pod", "job-1", _annotated(mark(SECRET, "b" * 32, made)), "team", manager="x")


def _with_another_image_since(kube: Kube) -> None:
    made = kube.create(pod())
    evil = {"spec": {"containers": [{"name": "steps", "image": "evil:1"}]}}
    kube.edit("Pod", "job-1", _annotated(mark(SECRET, KEY, made)) | evil, "team", manager="x")


def _annotated(text: str) -> Any:
    return {"metadata": {"annotations": {ANNOTATION: text}}}


@pytest.mark.parametrize(
    "forged",
    [
        _unmarked,
        _marked_by_a_guess,
        _with_the_mark_of_another_pod,
        _with_the_mark_of_another_job,
        _with_another_image_since,
    ],
)
def test_a_forged_pod_is_told_nothing_and_taken_up_by_nobody(
    forged: Callable[[Kube], None], held: Any, kube: Kube, agents: Agents, monkeypatch: Any
):
    forged(kube)
    before = copy.deepcopy(kube.calls)
    assert not taken_up(held, agents, monkeypatch)
    assert kube.calls == before  # no token was written


def test_a_pod_that_took_the_place_of_the_real_one_meanwhile_is_none(
    held: Any, kube: Kube, agents: Agents, monkeypatch: Any
):
    take_up.marked(held, agents, kube.create(pod()))

    def swapped(*_: object) -> bool:
        kube.delete("v1", "Pod", "job-1", "team")
        kube.create(pod())
        return True

    assert not taken_up(held, agents, monkeypatch, swapped)


def test_without_a_key_of_the_installation_no_pod_is_known_again(
    held: Any, kube: Kube, tmp_path: Path, monkeypatch: Any
):
    none = Agents(tmp_path, AgentPlace("10.0.0.1", 1, "agent:1"))
    take_up.marked(held, none, kube.create(pod()))
    assert not taken_up(held, none, monkeypatch)


@pytest.mark.parametrize("kind", ["Pod", "Secret", "NetworkPolicy"])
def test_what_somebody_made_first_under_the_name_of_a_job_s_own_is_not_used(kind: str, held: Any, kube: Kube):
    ours: Any = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "job-1", "namespace": "team"}}
    own = ours | {"metadata": ours["metadata"] | {"annotations": {HOLDER: "me"}}}
    assert pod_ref.made(held, own)
    kube.delete("v1", kind, "job-1", "team")
    kube.create(ours)
    with pytest.raises(SluicewayError) as refused:
        pod_ref.made(held, own)
    assert refused.value.code == "SLW849"
