"""The worker in a cluster is asked once, by whoever it is let answer, and whoever asks hears in time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from activities.inventory.port import DialledAsk
from domain.core import ids as keys
from domain.core.errors import DefinitionError, SluicewayError
from domain.inventory.dialled import Answered, Asked, Call, Deed, May, packed, unpacked
from tests.support.lab import Lab, until
from tests.support.played_inventory import PlayedInventory
from workers.client.on_engine.dial_outs.relay import TemporalRelay
from workers.client.on_engine.parts import EngineParts
from workers.core.far_clusters import FarClusters
from workflows.core import activity_options as options

LOOK = Asked(call=Call(method="GET", path="/api/v1/namespaces/shop/pods/web"))
DONE = Answered(status=200, body='{"kind": "Pod"}')


@pytest.fixture
async def lab(temporal_address, tmp_path):
    async with Lab.on(temporal_address, tmp_path, PlayedInventory().all()) as lab:
        yield lab


@pytest.fixture
def relay(lab):
    parts = EngineParts(lab.settings, lab.records.database, lambda: lab.wired.store, opened=lab.records)
    parts._engine = lab.engine
    return TemporalRelay(parts, lab.ring, wait_s=4)


@pytest.fixture
def far(lab):
    return FarClusters(lab.settings, lambda name: May.ACT, lab.engine.queue)


def asking(far, asked, need=May.READ):
    return asyncio.ensure_future(asyncio.to_thread(far.ask, "far", asked, need))


@pytest.mark.parametrize("hides", [False, True], ids=["plain", "encrypted"])
async def test_what_the_worker_answers_is_what_was_asked_for(lab, relay, far, hides):
    lab.ring.hide(hides)
    waiting = asking(far, LOOK)
    task = await until(lambda: relay.call("far"), 30)
    assert unpacked(Asked, task.asked) == LOOK
    await relay.answer("far", task.handle, packed(DONE))
    assert await waiting == DONE


async def test_nobody_waits_for_a_worker_that_is_gone_and_the_next_is_not_asked_in_its_place(
    relay, far, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(options, "TAKEN_WITHIN", timedelta(milliseconds=100))
    with pytest.raises(SluicewayError, match="does not answer") as gone:
        await asking(far, LOOK)
    assert (gone.value.code, gone.value.why, gone.value.transient) == ("SLW982", "its worker asks for no work", True)
    assert await relay.call("far") is None


async def test_a_worker_that_is_gone_in_the_middle_may_have_done_it_and_is_not_given_it_again(
    relay, far, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(options, "DONE_WITHIN", timedelta(milliseconds=100))
    deed = Asked(deed=Deed(permit={"entry": 7}, signature="", what={}))
    waiting = asking(far, deed, May.ACT)
    task = await until(lambda: relay.call("far"), 30)
    with pytest.raises(SluicewayError) as gone:
        await waiting
    assert (gone.value.code, gone.value.fix) == ("SLW982", "look whether it was done before it is asked again")
    await relay.answer("far", task.handle, packed(DONE))
    with pytest.raises(SluicewayError, match="already") as again:
        await asking(far, deed, May.ACT)
    assert again.value.code == "SLW982"
    assert await relay.call("far") is None


async def test_what_is_asked_of_another_cluster_is_given_to_nobody(lab, relay):
    await lab.engine.client.start_workflow(
        "DialledCall", DialledAsk("far", packed(LOOK)), id=keys.dialled_id("near", "1"), task_queue=lab.engine.queue
    )
    assert await relay.call("far") is None


async def test_nothing_is_answered_to_a_watch(lab, relay):
    with pytest.raises(DefinitionError) as refused:
        await relay.answer("far", "x.y", packed(DONE))
    assert refused.value.code == "SLW978"


def test_a_worker_is_not_asked_for_what_its_owner_does_not_let_it(tmp_path):
    with pytest.raises(SluicewayError) as refused:
        FarClusters(None, lambda name: May.READ).ask("far", LOOK, May.ACT)  # type: ignore[arg-type]  # nothing is asked
    assert (refused.value.code, "--may act" in refused.value.fix) == ("SLW977", True)
