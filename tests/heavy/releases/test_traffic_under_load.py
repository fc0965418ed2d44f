"""A new version each time, the old one killed as soon as nothing leads to it, under an open-loop load: nothing is lost.

Traefik is the Gateway's controller, on a real API server; versions are processes that end at once. How long the run is
and what it asks of Traefik comes from the environment: `VERSIONS=20 RATE=200 THROTTLE=2s`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from activities.releases.cluster_traffic.data_plane import DataPlane
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.port import Backend
from tests.support.built_programs import built
from tests.support.gateway_lab import gateway_lab
from tests.support.made_clusters import simulated as simulated
from workers.demo import load_generator as load

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(540)]
VERSIONS, RATE = int(os.environ.get("VERSIONS", "2")), float(os.environ.get("RATE", "60"))
SHIFTS = int(os.environ.get("SHIFTS", "6"))


@pytest.fixture(scope="module")
def lab(simulated, tmp_path_factory):
    throttle = os.environ.get("THROTTLE", "200ms")
    with gateway_lab(simulated, built(), tmp_path_factory.mktemp("gateway"), throttle=throttle) as made:
        yield made
        made.end()


@contextmanager
def under_load(lab, folder: Path, rate: float = RATE):
    """The answers, once the block has ended."""
    file = folder / "load"
    answers: list[load.Answer] = []
    command = [sys.executable, "-m", "workers.demo.load_generator", str(lab.port), lab.host, str(rate), str(file)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    try:
        yield answers
    finally:
        process.terminate()
        process.wait(30)
    answers += load.read(file)


def lost(answers) -> dict[int, int]:
    """Status to its number, of what was no answer of a version."""
    bad = [one.status for one in answers if not one.fine]
    return {status: bad.count(status) for status in sorted(set(bad))}


async def test_each_version_takes_the_place_of_the_one_before_and_no_request_is_lost(lab, tmp_path):
    router = GatewayApiRouter(lambda name: lab.kube)
    old = Backend(lab.release("r1"))
    await router.send_all(old)
    with under_load(lab, tmp_path) as answers:
        for number in range(2, VERSIONS + 2):
            new = Backend(lab.release(f"r{number}"))
            await router.preview(new)
            await router.split(new, old, 10)
            await router.send_all(new)
            await router.drained(old, 5)
            await router.remove(old.deployment)
            lab.take_away(old.deployment.instance)
            old = new
    print(f"{VERSIONS} versions, {len(answers)} requests, lost: {lost(answers)}")
    assert len(answers) > 100
    assert lost(answers) == {}


async def test_shifts_under_load_lose_no_request_and_the_last_weight_is_in_force(lab, tmp_path):
    router = GatewayApiRouter(lambda name: lab.kube)
    old, new = Backend(lab.release("r101")), Backend(lab.release("r102"))
    await router.send_all(old)
    with under_load(lab, tmp_path) as answers:
        for number in range(SHIFTS):
            await router.split(new, old, (number * 37 + 5) % 100)
        await router.send_all(new)
        switched = len(load.read(tmp_path / "load"))
        await router.drained(old, 5)
    print(f"{SHIFTS} shifts, {len(answers)} requests, lost: {lost(answers)}")
    assert lost(answers) == {}
    assert len(answers) > switched


class Believing(DataPlane):
    """Takes the controller's word, as others do."""

    async def shows(self, addresses, host, path, sign): ...

    async def reaches(self, addresses, host, path, version): ...


async def test_what_is_lost_when_the_api_s_word_is_taken_for_it_so_that_this_can_fail(lab, tmp_path):
    old = Backend(lab.release("r201"))
    await GatewayApiRouter(lambda name: lab.kube).send_all(old)
    router = GatewayApiRouter(lambda name: lab.kube, Believing())
    with under_load(lab, tmp_path) as answers:
        for number in range(202, 206):
            new = Backend(lab.release(f"r{number}"))
            await router.send_all(new)
            lab.take_away(old.deployment.instance)
            old = new
        await GatewayApiRouter(lambda name: lab.kube).send_all(old)
    print(f"4 versions, {len(answers)} requests, lost by the API's word: {lost(answers)}")
    assert lost(answers)
