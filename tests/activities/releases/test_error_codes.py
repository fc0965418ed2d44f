"""Targets, routers and sources of metrics say what they could not do."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.releases.activities import ReleaseActivities
from activities.releases.metric_sources.port import Comparison
from activities.releases.metric_sources.prometheus import PrometheusSource
from activities.releases.port import ActionInput, NotReadyError
from activities.releases.routers.traefik import process
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.releases.targets.local import LocalTarget
from activities.supervisor import launch
from domain.core.errors import SluicewayError
from domain.releases.actions import ActionKind
from domain.releases.deployment import Deployment
from domain.releases.judge.policy import Policy
from domain.releases.traffic_baseline import Baseline
from tests.support.machine import version

NEW = Deployment(service="web", environment="production", instance="r1")


async def test_a_target_that_this_worker_lacks_is_not_tried_again() -> None:
    activities = ReleaseActivities({}, SimpleNamespace(), SimpleNamespace(), permits=Everything())  # type: ignore[arg-type]
    with pytest.raises(ApplicationError) as refused:
        await ActivityEnvironment().run(activities.act, ActionInput(do=ActionKind.START, deployment=NEW, target="moon"))
    assert (refused.value.type, refused.value.non_retryable) == ("SLW863", True)


def _target(root: Path) -> LocalTarget:
    return LocalTarget(root, SimpleNamespace(), SimpleNamespace(), {})  # type: ignore[arg-type]


def test_a_version_without_processes_has_no_ports(tmp_path: Path) -> None:
    with pytest.raises(SluicewayError, match="SLW865"):
        _target(tmp_path).ports(NEW)


async def test_a_version_whose_supervisor_gave_up_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"phase": "failed"}')
    with pytest.raises(NotReadyError, match="SLW864"):
        await _target(tmp_path)._until_ready(NEW, tmp_path, 1)


async def test_a_version_that_does_not_stop_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def still_runs(*_: object) -> bool:
        return False

    target = _target(tmp_path)
    target.folder(NEW).mkdir(parents=True)
    monkeypatch.setattr(launch, "running", lambda _: os.getpid())
    monkeypatch.setattr(launch, "wait_exit", still_runs)
    monkeypatch.setattr(target, "leave", lambda _: _nothing())
    with pytest.raises(SluicewayError, match="SLW866"):
        await target.stop(NEW)


async def _nothing() -> str:
    return ""


@pytest.fixture
def router(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Traefik:
    """One that nobody starts, and that is waited for no longer than a moment."""
    monkeypatch.setattr(process, "RELOAD_TIMEOUT_S", 0.0)
    monkeypatch.setattr(launch, "start", lambda *_: 0)
    return Traefik(tmp_path, Ports(1, 1))


async def test_a_router_that_does_not_start_is_said(router: Traefik) -> None:
    with pytest.raises(SluicewayError, match="SLW861"):
        await router.ensure()


async def test_a_route_that_is_not_confirmed_is_said(router: Traefik) -> None:
    with pytest.raises(SluicewayError, match=r"SLW862.*web_production"):
        await router._load({}, "web_production")


async def test_counters_that_cannot_be_read_are_said(router: Traefik) -> None:
    with pytest.raises(SluicewayError, match="SLW869"):
        await router.metrics()


def _away(_: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("refused")


def _refusing(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(400, json={"status": "error", "error": "parse error"})


def _strange(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json={"status": "success", "data": {"result": [{"metric": {}, "values": [[1]]}]}})


@pytest.mark.parametrize(("answer", "code"), [(_away, "SLW881"), (_strange, "SLW881"), (_refusing, "SLW882")])
async def test_a_prometheus_that_is_away_and_one_that_refuses_are_told_apart(answer, code) -> None:
    one = version("1", "r1")
    source = PrometheusSource("http://prometheus", builtin=True, transport=httpx2.MockTransport(answer))
    with pytest.raises(SluicewayError, match=code):
        await source.read(Comparison(one, one, Policy(), Baseline()))
