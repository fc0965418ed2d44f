"""A job that cannot begin, or not end, says why, and whether another try may help."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from activities.jobs import image_builder
from activities.jobs.capacity import WorkerCapacity
from activities.jobs.executors.docker import executor as docker_executor
from activities.jobs.executors.kubernetes import executor, files, pod_ref
from activities.jobs.failures import failure_of
from activities.jobs.image_builder import DockerImageBuilder
from domain.core.errors import SluicewayError
from domain.jobs.capacity import ResourceRequest
from domain.jobs.result import Failure
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import ImageSpec


def silent(_: str) -> None:
    pass


def test_a_context_outside_the_workspace_is_not_built(tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match="SLW843"):
        DockerImageBuilder().build(ImageSpec(context="../.."), tmp_path, {}, silent)


@pytest.mark.parametrize("written", ["../../etc/passwd", "/etc/passwd", "link"])
def test_a_dockerfile_outside_the_workspace_is_not_read(tmp_path: Path, written: str) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(SluicewayError, match="SLW843"):
        DockerImageBuilder().build(ImageSpec(dockerfile=written), tmp_path, {}, silent)


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore"])
def test_a_pipe_among_the_files_of_a_build_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(SluicewayError, match=r"SLW843.*is not a file"):
        DockerImageBuilder().build(ImageSpec(), tmp_path, {}, silent)


def test_a_build_that_fails_has_the_words_of_the_daemon() -> None:
    events = [{"stream": "Step 1/2"}, {"error": "exit code 1"}]
    with pytest.raises(SluicewayError, match=r"SLW844[\s\S]*exit code 1"):
        image_builder._follow(events, silent, "SLW844", "the image cannot be built")


def _job(memory_mb: int) -> Job:
    return Job("a", JobKind.RUN, "a", memory_mb=memory_mb, queue_timeout_s=0.01)


async def test_a_job_that_never_fits_is_not_waited_for() -> None:
    with pytest.raises(SluicewayError, match="SLW845") as refused:
        async with WorkerCapacity(ResourceRequest(1, 100, 1)).held("a", _job(200)):
            pass
    assert failure_of(refused.value) is Failure.CHECK


async def test_a_job_that_waits_too_long_for_room_has_timed_out() -> None:
    room = WorkerCapacity(ResourceRequest(1, 100, 1))
    with pytest.raises(SluicewayError, match="SLW846") as refused:
        async with room.held("a", _job(100)), room.held("b", _job(100)):
            pass
    assert failure_of(refused.value) is Failure.TIMEOUT


class _Kube:
    """Answers every question about pods and quotas with what it was given."""

    def __init__(self, *items: dict[str, object], pod: dict[str, object] | None = None) -> None:
        self._items, self._pod = list(items), pod

    def items(self, *_: object) -> list[dict[str, object]]:
        return self._items

    def items_at(self, *_: object, **__: object) -> tuple[list[dict[str, object]], str]:
        return [], ""

    def get(self, *_: object) -> dict[str, object] | None:
        return self._pod

    def delete(self, *_: object, **__: object) -> None:
        pass


def _held(kube: _Kube) -> SimpleNamespace:
    return SimpleNamespace(kube=kube, namespace="ci", name="job-1", place=SimpleNamespace(key="k"), made=())


def _quota(hard: str, used: str) -> dict[str, object]:
    return {"metadata": {"name": "q"}, "status": {"hard": {"limits.memory": hard}, "used": {"limits.memory": used}}}


@pytest.mark.parametrize(
    ("hard", "used", "code", "failure"),
    [("50Mi", "0", "SLW954", Failure.CHECK), ("150Mi", "100Mi", "SLW850", Failure.INFRASTRUCTURE)],
)
def test_a_namespace_without_room_says_whether_waiting_would_help(
    hard: str, used: str, code: str, failure: Failure
) -> None:
    with pytest.raises(SluicewayError, match=code) as refused:
        executor.KubernetesExecutor._admit(SimpleNamespace(), _job(100), _held(_Kube(_quota(hard, used))), silent)  # type: ignore[arg-type]
    assert failure_of(refused.value) is failure


def test_a_pod_that_somebody_removed_is_not_waited_for() -> None:
    with pytest.raises(SluicewayError, match="SLW849"):
        executor._ready(_held(_Kube()), SimpleNamespace(services=()), silent)  # type: ignore[arg-type]


def test_a_service_that_ended_has_its_last_words() -> None:
    api = SimpleNamespace(
        inspect_container=lambda _: {"State": {"Running": False, "ExitCode": 3}}, logs=lambda *_, **__: b"bad config"
    )
    service = SimpleNamespace(name="db", ready_timeout_s=1.0)
    with pytest.raises(SluicewayError, match=r"SLW849[\s\S]*bad config"):
        docker_executor._ready(SimpleNamespace(api=api), "c", service, "n", silent)  # type: ignore[arg-type]


def test_a_pod_that_does_not_go_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_ref, "GONE_S", 0.0)
    with pytest.raises(SluicewayError, match="SLW951") as refused:
        pod_ref.remove(_held(_Kube({"metadata": {"name": "job-1"}})))  # type: ignore[arg-type]
    assert refused.value.transient


def test_files_that_did_not_come_back_whole_are_said(tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match=r"SLW953[\s\S]*workspace is missing"):
        files._replace(tmp_path / "fetched" / "workspace", tmp_path / "workspace")
