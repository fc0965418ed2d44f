"""A service on a real cluster, released by canary through a Gateway: judged by the router's own counters, under load.

The good version takes all the traffic, the bad one goes back, and nobody but the bad version's own requests fails. So it
is where the Gateway ends TLS, whose certificate is looked at before anything is touched.
"""

from __future__ import annotations

import base64
import json

import pytest

from tests.support import secure_gateway
from tests.support.lab import Lab
from tests.workflows.releases.judged import recorded

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(560)]
INJECTED = {(500, "bad"), (500, "-")}
"""What the bad version answers; clients of HTTP/2 do not read which one it was."""
DEPLOY = """jobs:
  ship:
    environment: {environment}
    deploy:
      service: judged
      version: "{version}"
      target: kubernetes
      router: gateway-api
      image: {image}
      port: 8080
      instances: 2
      readiness: {{http: /healthz, timeout: 60s}}
      drain: 2s
      strategy: {strategy}
      analysis:
        {{tick: 1s, min-dwell: 4s, max-dwell: {dwell}s, warm-up: 0, first-weight: 20, steps: [50], on-inconclusive: promote}}
      rollback-window: 1s
"""


@pytest.fixture(scope="module")
def images(edge):
    """Version to its image in the cluster's registry."""
    settings = {"1": {}, "2": {}, "bad": {"FAIL": "0.3"}, "4": {}}
    return {version: edge.image(VERSION=version, **env) for version, env in settings.items()}


@pytest.fixture
async def lab(temporal_address, tmp_path, edge):
    async with Lab.on(temporal_address, tmp_path) as found:
        edge.cluster.known_to(found)
        yield found


def registered(lab: Lab, name: str, target: dict[str, str]) -> None:
    lab.register(name)
    known = lab.records.definitions.get("Environment", name)
    lab.environment(name, json.dumps({**(known or {}), "target": {"kubernetes": target}}))


async def ship(
    lab: Lab, images, version: str, strategy: str = "canary", environment: str = "through-a-gateway", dwell: int = 40
):
    about = {"environment": environment, "version": version, "strategy": strategy, "dwell": dwell}
    text = DEPLOY.format(image=images[version], **about)
    result = await lab.result(await lab.start(text))
    print(version, strategy, result.status, result.reason, recorded(lab)["steps"])
    return result


async def test_a_good_version_is_promoted_and_a_bad_one_goes_back_under_load(lab, edge, images, tmp_path):
    registered(lab, "through-a-gateway", edge.target)
    assert (await ship(lab, images, "1")).status == "passed"
    with edge.under_load(tmp_path, "judged.example") as load:
        good = await ship(lab, images, "2")
        bad = await ship(lab, images, "bad")
        switched = await ship(lab, images, "4", "blue-green")
    known = [*load.answers["kept"], *load.answers["new"]]  # the others do not read who answered
    counts = {name: sum(one.version == name for one in known) for name in images}
    print(f"{load}, by version {counts}")
    assert (good.status, bad.status, switched.status) == ("passed", "rolled-back", "passed")
    assert [one for _, one in load.lost if (one.status, one.version) not in INJECTED] == []
    assert max(known, key=lambda one: one.at).version == "4"


@pytest.fixture
def by_tls(edge, tmp_path):
    """A Gateway that ends TLS, whose certificate ends soon, and the certificate that takes its place."""
    soon, renewed = (secure_gateway.secret("judged.secure", days) for days in (3, 90))
    trusted = tmp_path / "trusted"
    trusted.write_bytes(b"".join(base64.b64decode(one["tls.crt"]) for one in (soon, renewed)))
    secure_gateway.present(edge, soon)
    edge.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "by-tls"}})
    with secure_gateway.beside(edge, trusted) as secure:
        yield secure, renewed


async def test_where_the_gateway_ends_tls_a_canary_loses_no_request_and_a_wrong_certificate_is_refused_before(
    lab, edge, by_tls, images, tmp_path
):
    secure, renewed = by_tls
    registered(lab, "by-tls", {**secure.target, "namespace": "by-tls", "host": "{service}.secure"})

    async def released(version: str):
        return await ship(lab, images, version, environment="by-tls", dwell=6)

    assert (await released("1")).status == "passed"
    assert "ends on" in str(recorded(lab))
    with secure.under_load(tmp_path, "judged.secure") as load:
        secure_gateway.present(edge, renewed)
        good = await released("2")
    known = [*load.answers["kept"], *load.answers["new"]]  # the others do not read who answered
    print(f"by TLS: {load}")
    assert good.status == "passed"
    assert "ends on" not in str(recorded(lab))
    assert load.lost == []
    assert max(known, key=lambda one: one.at).version == "2"

    secure_gateway.present(edge, secure_gateway.secret("judged.elsewhere"))
    refused = await released("4")
    assert recorded(lab)["steps"] == ["preflight 4"]
    assert "SLW870" in refused.reason
    assert "it is for judged.elsewhere, and not for judged.secure" in refused.reason
