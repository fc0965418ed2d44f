"""What people do to claims: planned, bound to what was shown, and decided again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from domain.access.actions import Action
from domain.access.keys import KeyProof
from domain.authority.permit import digest_of
from domain.core.errors import RefusedError, SluicewayError
from tests.support.far import far_client
from tests.support.guards import OpenGuard
from tests.support.memory_client import memory_client, seeded
from workers.client.ports.client import Client
from workers.client.ports.clusters import SignedOrder
from workers.client.ports.pages import PageOf
from workers.client.ports.volumes import VolumeWish

CLAIM = VolumeWish(cluster="eu-1", namespace="shop", name="data-billing-0", verb="expand", size_gb=20)
SIGNED = SignedOrder(expires_at=1, nonce="n", proof=KeyProof("passkey", "s"))


@pytest.fixture(params=["near", "far"])
def client(request: pytest.FixtureRequest) -> Client:
    near = memory_client()
    return far_client(near) if request.param == "far" else near


async def test_a_claim_grows_as_it_was_planned(client: Client):
    plan = await client.volumes.plan(CLAIM)
    assert (plan.prevented, plan.order, plan.wish.mark != "") == ("", None, True)
    assert await client.volumes.apply(plan.wish, plan.digest, key="k" * 16) == "expand of shop/data-billing-0 is done"
    (claim,) = [
        one
        for one in (await client.topology.claims("eu-1", "shop", "Bound", PageOf())).items
        if one.row.name == CLAIM.name
    ]
    assert claim.row.details["capacity_mb"] == 20 * 1024


async def test_a_deletion_says_what_is_lost_and_what_is_signed(client: Client):
    plan = await client.volumes.plan(replace(CLAIM, verb="delete"))
    assert (plan.fate, plan.claim.loses) == ("its volume pvc-1 is deleted too", True)
    assert plan.order is not None
    assert (plan.order.kind, plan.order.what) == ("volume", digest_of(json.loads(plan.content)))
    assert "delete of shop/data-billing-0" in await client.volumes.apply(plan.wish, plan.digest, SIGNED, "k" * 16)


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (replace(CLAIM, size_gb=5), "it has 10 GiB, and volumes cannot shrink"),
        (replace(CLAIM, name="scratch"), "its storage class fast does not allow expansion"),
        (
            replace(CLAIM, verb="snapshot"),
            "this cluster cannot snapshot it (no snapshot API, no CSI driver, or no snapshot class of its driver)",
        ),
    ],
)
async def test_what_cannot_be_done_says_why_and_is_not_begun(client: Client, wish: VolumeWish, why: str):
    plan = await client.volumes.plan(wish)
    assert plan.prevented == why
    with pytest.raises(RefusedError) as refused:
        await client.volumes.apply(plan.wish, plan.digest, key="k" * 16)
    assert refused.value.code == "SLW955"


async def test_another_plan_than_was_shown_is_not_begun():
    world = seeded()
    client = memory_client(world)
    plan = await client.volumes.plan(replace(CLAIM, verb="delete"))
    key = ("eu-1", "PersistentVolumeClaim", "shop", "data-billing-0")
    world.objects[key] = replace(world.objects[key], uid="another claim of the same name")
    for wish, digest in ((plan.wish, plan.digest), (replace(plan.wish, snapshot=False), plan.digest), (CLAIM, "x")):
        with pytest.raises(RefusedError) as refused:
            await client.volumes.apply(wish, digest, SIGNED)
        assert refused.value.code == "SLW958"


@pytest.mark.parametrize(("verb", "action"), [("expand", Action.CLUSTERS_CHANGE), ("delete", Action.CLUSTERS_DELETE)])
async def test_who_may_only_read_changes_nothing(verb: str, action: Action):
    world = seeded()
    before = dict(world.objects)
    client = memory_client(world, OpenGuard(refused=frozenset({action})))
    plan = await client.volumes.plan(VolumeWish(**{**vars(CLAIM), "verb": verb}))
    with pytest.raises(RefusedError) as refused:
        await client.volumes.apply(plan.wish, plan.digest, SIGNED)
    assert (refused.value.code, world.objects, world.cluster_orders) == ("SLW410", before, [])


async def test_there_is_no_plan_for_a_claim_that_is_not_there(client: Client):
    with pytest.raises(SluicewayError) as missing:
        await client.volumes.plan(replace(CLAIM, name="nothing"))
    assert missing.value.code == "SLW907"
