"""A version in a cluster is attacked through its Gateway, before it has requests and while the one before has them all."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from activities.scans.dast import GatedDast
from activities.scans.scanners.wapiti import Wapiti
from domain.clusters.beside import image_registry
from domain.releases.spec import DastSpec
from tests.support import weak_service
from tests.support.release_cluster import ReleaseCluster
from workers.core import settings
from workers.demo import service_image

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(170)]
ONLY_XSS = DastSpec(modules=("xss",), timeout_s=120)


def weak_image(edge: ReleaseCluster) -> str:
    told = edge.kube.get("v1", "ConfigMap", image_registry.NAME, image_registry.NAMESPACE)
    code = {"/srv/weak.py": Path(weak_service.__file__).read_bytes()}
    env = {"HOST": "0.0.0.0", "PORT": "8080"}
    return service_image.push(f"{image_registry.host_of(told or {})}/weak", code, ("/srv/weak.py",), env)


async def test_its_hole_is_found_through_the_gateway_and_no_other_version_or_host_is_asked(
    edge, target, store, image, tmp_path
):
    attacker = Wapiti(settings.load().tools)
    if absent := attacker.absent():
        pytest.skip(absent)
    live, weak = edge.deployment("r1", image, "attacked"), edge.deployment("r2", weak_image(edge), "attacked", 1)
    await target.start(live)
    await target.route(live)
    await target.start(weak)
    with edge.under_load(tmp_path, "attacked.example") as load:
        async with target.attackable(weak) as address:
            found = await GatedDast(attacker, store).judged(address, ONLY_XSS)
            proxy = f"http://127.0.0.1:{address.rpartition(':')[2]}"
            async with httpx2.AsyncClient(proxy=proxy, trust_env=False) as client:
                elsewhere = await client.get("http://attacked.example/")
    print(f"{found.words}; {load}")
    assert not found.good
    assert "/greet" in found.words
    assert elsewhere.status_code == 403
    assert load.lost == []
    assert {one.version for kind in ("kept", "new") for one in load.answers[kind]} == {"any"}
    await target.stop(weak)
    await target.stop(live)
