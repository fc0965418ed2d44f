"""A pushed pipeline names its own environment, leaves out the approval, or allows its author."""

import pytest

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.routers.traefik import config
from activities.releases.routers.traefik.config import Route
from activities.releases.targets.local import LocalTarget
from activities.releases.targets.memory import MemoryTarget
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment
from tests.support.fakes import on_memory
from tests.support.lab import HEAD, Lab, prepared
from tests.support.profile import first_of
from workers.client import approvals
from workers.core.plain_environment import plain

SHIP = "  ship:\n    environment: {}\n    deploy: {{service: web, version: '1', command: [x]}}\n"
ALLOWS = "{author: true, committer: true, starter: true}"


@pytest.fixture
async def memory(temporal_address, tmp_path):
    platform, made = MemoryTarget(), prepared(temporal_address, tmp_path)
    async with Lab.on(temporal_address, tmp_path, on_memory(made, platform, MemorySource())) as lab:
        yield lab, platform


async def test_nothing_is_deployed_to_an_environment_that_nobody_registered(memory):
    lab, platform = memory
    lab.unregistered = ("staging",)
    refused, _ = await lab.run("jobs:\n" + SHIP.format("staging"))
    before = list(platform.actions)
    lab.unregistered = ()
    passed, _ = await lab.run("jobs:\n" + SHIP.format("staging"))

    assert (refused.status, refused.reason.count("SLW061"), before) == ("refused", 1, [])
    assert "sluiceway environment add staging" in refused.reason
    assert passed.status == "passed"


async def test_a_push_says_at_once_that_its_environment_is_not_registered(memory):
    """Not after an hour of jobs before the deployment; with a registered one, it says nothing of it."""
    lab, _ = memory
    repo = lab.repo({"sluiceway.yaml": f"{HEAD.format(name='early')}jobs:\n{SHIP.format('early')}"})
    for unregistered in (("early",), ()):
        lab.unregistered = unregistered
        repo.commit({"n": str(len(unregistered))})
        answer = await lab.deliver(repo, "early")
        await lab.result(answer.run)

        assert ("will be refused: SLW061" in answer.reason) is bool(unregistered), answer.reason


async def test_nothing_is_approved_for_an_environment_that_nobody_registered(memory):
    lab, _ = memory
    lab.unregistered = ("staging",)
    result, _ = await lab.run("jobs:\n  ok: {environment: staging, approval: {users: [lead]}}\n")

    assert (result.status, "SLW061" in result.reason) == ("refused", True)


@pytest.mark.parametrize("name", first_of("../../x", "Production", "production_r4"))
async def test_an_environment_that_is_no_name_is_an_error_of_the_definition(memory, name):
    lab, platform = memory
    lab.unregistered = ("production",)
    result, _ = await lab.run("jobs:\n" + SHIP.format(f'"{name}"'))

    assert (result.status, "SLW205" in result.reason, platform.actions) == ("failed", True, [])


async def test_an_environment_with_groups_alone_asks_one_of_them(memory):
    lab, _ = memory
    body = plain("vault")
    body["approval"] = {**Node(body)["approval"].object(), "groups": ["release-managers"]}
    lab.registrar.environment("vault", body)
    lab.identity("lead", "release-managers")
    refused, _ = await lab.run("jobs:\n" + SHIP.format("vault"))
    asks = "jobs:\n  ok: {environment: vault, approval: {}}\n" + SHIP.format("vault") + "    needs: ok\n"
    run = await lab.start(asks, author="developer", actor="developer")
    job = await lab.until_asked(run)
    decision = await approvals.sign(lab.engine, run, job, "lead", True, "", lab.settings.keys)

    assert (refused.status, "SLW066" in refused.reason) == ("refused", True)
    assert (await approvals.decide(lab.engine, run, job, decision)).counted
    assert (await lab.result(run)).status == "passed"


async def test_a_pipeline_allows_its_author_nothing_that_the_environment_does_not(memory):
    lab, _ = memory
    lab.identity("developer", "release-managers")
    lab.registrar.environment("loose", plain("loose", open_=True))
    told = {}
    for name in ("strict", "loose"):
        jobs = f"jobs:\n  ok: {{environment: {name}, approval: {{groups: [release-managers], allow: {ALLOWS}}}}}\n"
        run = await lab.start(jobs)
        job = await lab.until_asked(run)
        decision = await approvals.sign(lab.engine, run, job, "developer", True, "", lab.settings.keys)
        told[name] = (await approvals.decide(lab.engine, run, job, decision)).rule

    assert told == {"strict": "the author of the change may not decide", "loose": "counted"}


@pytest.mark.parametrize("name", ["..", "../..", "a/b", "", "a\0b"])
def test_no_name_leads_out_of_the_folder_of_the_services(tmp_path, name):
    target = LocalTarget(tmp_path, None, None, {})  # type: ignore[arg-type]
    with pytest.raises(SluicewayError) as refused:
        target.folder(Deployment(service="web", environment=name, instance="r1"))

    assert refused.value.code == "SLW060"
    assert target.folder(Deployment(service="web", environment="e", instance="r1")) == tmp_path / "e" / "web" / "r1"


def test_a_route_of_before_names_takes_no_other_routes_traffic_and_makes_no_rule():
    routes = {
        "web": {
            "production": Route({"r4": (1,)}, {"r4": 100.0}),
            "production_r4": Route({"r1": (2,)}, {"r1": 100.0}),
            "x`) || Host(`bank": Route({"r1": (3,)}, {"r1": 100.0}),
            "Old": Route({"r1": (4,)}, {"r1": 100.0}),
        }
    }
    made = Node(config.dynamic(routes, 1, "token")).at("http", "services")
    live = made.at("web_production_r4", "loadBalancer", "servers").value

    assert live == [{"url": "http://127.0.0.1:1"}]
    assert made.at("web_production", "weighted", "services").value == [{"name": "web_production_r4", "weight": 10_000}]
    assert "bank" not in str(config.dynamic(routes, 1, "token"))
    assert "Host(`web.Old.localhost`)" in str(config.dynamic(routes, 1, "token"))
