"""What a probe says of a namespace's isolation rests on pods that ran; where one did not, it says nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from domain.clusters.access import Access
from domain.clusters.network_probe import Reached
from domain.core.errors import SluicewayError
from domain.pods.status import PodPhase
from workers.client import network_probe
from workers.client.network_probe import Probe
from workflows.pods.messages import PodResult

RUNS = PodResult(PodPhase.RUNNING)
CONNECTED, BLOCKED = PodResult(PodPhase.SUCCEEDED, exit_code=0), PodResult(PodPhase.FAILED, "Error", exit_code=1)
FULL = PodResult(PodPhase.FAILED, "the namespace's quota is exhausted: pods")


@dataclass
class Played:
    """Plays how each pod ends, by the end of its name."""

    ends: dict[str, PodResult]
    open: set[str] = field(default_factory=set)

    async def start_pod(self, wish):
        self.open.add(wish.name)
        return wish.name

    async def pod(self, id_):
        return self.ends.get(id_.rpartition("-")[2], RUNS)

    async def end_pod(self, id_):
        if id_ not in self.open:
            raise SluicewayError("SLW901", "it has ended")

    async def pod_result(self, id_):
        self.open.discard(id_)
        return await self.pod(id_)


@pytest.fixture
def probed(monkeypatch):
    async def probe(**ends):
        clusters = Played(ends)
        kube = SimpleNamespace(get=lambda *_: {"status": {"podIP": "10.244.0.7"}})
        try:
            return await Probe(clusters, kube, "c", Access("file:/k"), "busybox").run("team", "default")  # type: ignore[arg-type]
        finally:
            assert clusters.open == set()  # whatever happened

    return probe


async def test_a_stranger_that_is_kept_out_and_a_neighbour_that_is_not(probed):
    assert await probed(near=CONNECTED, far=BLOCKED) == Reached(True, False)
    assert await probed(near=CONNECTED, far=CONNECTED) == Reached(True, True)


@pytest.mark.parametrize("who", ["near", "far"])
@pytest.mark.parametrize(
    "why",
    [
        FULL,
        PodResult(PodPhase.FAILED, "the cluster has no namespace default"),
        PodResult(PodPhase.PENDING, "ImagePullBackOff"),
        PodResult(PodPhase.FAILED, "it did not end within 120 s"),
    ],
)
async def test_a_pod_that_never_ran_was_not_kept_out(probed, who, why):
    with pytest.raises(SluicewayError, match="SLW959") as told:
        await probed(**{"near": CONNECTED, "far": BLOCKED, who: why})
    assert why.reason in told.value.why


async def test_an_image_that_cannot_be_pulled_is_told_with_what_to_do(probed, monkeypatch):
    monkeypatch.setattr(network_probe, "POLL_S", 0)
    reason = "the image busybox cannot be pulled (ErrImagePull)"
    with pytest.raises(SluicewayError, match=r"cannot be pulled[\s\S]*--image"):
        await probed(near=PodResult(PodPhase.PENDING, reason))


async def test_a_pod_that_is_silent_for_too_long_is_an_error_with_its_last_reason(probed, monkeypatch):
    monkeypatch.setattr(network_probe, "LIMIT_S", 0.0)
    with pytest.raises(SluicewayError, match=r"SLW959[\s\S]*Pending after 0 s: no node has enough cpu free"):
        await probed(near=PodResult(PodPhase.PENDING, "no node has enough cpu free"))
