"""A person makes, scales and deletes a cluster through a server: their own signature, and nothing else, moves it."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access.identity_store import Identity
from activities.access.private_keys import public_half
from activities.authority.client import AuthorityClient
from activities.clusters.activities import ClusterActivities
from activities.clusters.providers.memory import MemoryProvider
from domain.access.keys import KeyProof
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.access.role import Role
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.order_proofs import order_text
from domain.clusters.plan import Phase
from domain.core.errors import SluicewayError
from tests.support.given import developers
from tests.support.guards import OpenGuard
from tests.support.lab import _SIGNERS, Lab, until
from tests.support.memory_client import memory_client
from tests.support.played_inventory import PlayedInventory
from workers.client.on_engine.clusters.cluster_world import EngineWorld
from workers.client.on_engine.clusters.clusters import EngineClusters
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.clusters import ClusterPlan, ClusterWish, SignedOrder
from workers.remote.signing import sign
from workers.worker.temporal import Activity

NEW = ClusterWish(name="people-1", template="simulated", values={"nodes": 2})
BROKEN = ClusterWish(name="people-2", template="simulated", values={"nodes": 1})


@dataclass
class Scene:
    """A lab whose signer permits everything of clusters itself; ann and cat ask through a server."""

    lab: Lab
    provider: MemoryProvider
    key: Ed25519PrivateKey

    def of(self, name: str) -> EngineClusters:
        signer = AuthorityClient(_SIGNERS[self.lab.settings.home].answer_server, lambda digest: b"")
        parts = EngineParts(
            self.lab.settings, self.lab.records.database, lambda: self.lab.wired.store, opened=self.lab.records
        )
        parts.order, parts._engine = signer.order, self.lab.engine
        guard = OpenGuard(Caller(principal=Principal(kind=PrincipalKind.PERSON, name=name), channel="api"))
        return EngineClusters(EngineWorld(parts, guard), guard, memory_client().fleets)

    def signed(self, plan: ClusterPlan) -> SignedOrder:
        assert plan.order is not None
        said = plan.order
        whole = Order(
            kind=OrderKind(said.kind),
            cluster=said.cluster,
            what=said.what,
            actions=said.actions,
            person=said.person,
            expires_at=int(time.time()) + 300,
            nonce=secrets.token_hex(8),
        )
        proof = KeyProof(sign(self.key, order_text(whole, said.home)))
        return SignedOrder(expires_at=whole.expires_at, nonce=whole.nonce, proof=proof)

    async def settled(self, status: str, name: str = NEW.name) -> None:
        async def there() -> bool:
            found = await self.of("ann").progress(name)
            return found.status == status and not found.going

        await until(there)


@pytest.fixture
async def scene(temporal_address: str, tmp_path: Path) -> AsyncIterator[Scene]:
    provider = MemoryProvider()
    permits = AuthorityClient(lambda line: _SIGNERS[tmp_path / "home"].answer(line), lambda digest: b"")
    made = ClusterActivities({"kwok": provider}, permits=permits, apply_again_s=0.05)
    own: list[Activity] = [made.phase, made.undo, made.leftovers, made.differences, made.health, made.reference]
    async with Lab.on(temporal_address, tmp_path, [*own, *PlayedInventory().all()]) as lab:
        key = Ed25519PrivateKey.generate()
        lab.registrar.person(Identity("ann", public_half(key)))
        lab.identity("cat")
        developers(lab, "ann", role=Role.OPERATOR)
        developers(lab, "cat", role=Role.VIEWER)
        yield Scene(lab, provider, key)


async def refused(scene: Scene, name: str, wish: ClusterWish, plan: ClusterPlan, signed: SignedOrder | None) -> str:
    with pytest.raises(SluicewayError) as found:
        await scene.of(name).apply(wish, plan.digest, signed)
    return found.value.code


async def test_a_person_makes_scales_and_deletes_a_cluster_by_their_own_signature(scene: Scene) -> None:
    ann = scene.of("ann")
    plan = await ann.plan(NEW)
    assert await refused(scene, "ann", NEW, plan, None) == "SLW049"
    assert await refused(scene, "cat", NEW, plan, scene.signed(plan)) == "SLW484"
    assert not scene.provider.clusters

    assert (await ann.apply(NEW, plan.digest, scene.signed(plan))).id == "cluster/people-1"
    await scene.settled("ready")
    assert {one.state for one in (await ann.progress(NEW.name)).steps} == {"done"}
    assert "people-1" in scene.provider.clusters

    scale = ClusterWish(name=NEW.name, verb="scale", pools={"web": 4})
    wider = await ann.plan(scale)
    assert wider.counts["create"] == 2
    await ann.apply(scale, wider.digest, scene.signed(wider))
    await scene.settled("ready")
    assert await refused(scene, "ann", scale, wider, scene.signed(wider)) == "SLW958"  # it is another plan now

    gone = ClusterWish(name=NEW.name, verb="delete")
    end = await ann.plan(gone)
    assert await refused(scene, "ann", gone, end, scene.signed(wider)) == "SLW049"
    await ann.apply(gone, end.digest, scene.signed(end))
    await scene.settled("deleted")
    assert not scene.provider.clusters


async def test_a_creation_that_fails_is_undone_and_says_so(scene: Scene) -> None:
    scene.provider.failing[Phase.NODES] = ["no room for the node"] * 10
    ann = scene.of("ann")
    plan = await ann.plan(BROKEN)
    await ann.apply(BROKEN, plan.digest, scene.signed(plan))
    await scene.settled("failed", BROKEN.name)
    found = await ann.progress(BROKEN.name)
    assert {one.state for one in found.steps} == {"undone"}
    assert "no room for the node" in found.blocker
    assert found.blocker_phase == "nodes"
    assert not scene.provider.clusters
