"""People with rights and keys, and what they order through a server."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access.rights import Rights
from activities.authority.cluster_forms import content, form, where
from activities.volumes.permits import ordered
from activities.volumes.port import VolumeRequest
from domain.access.grants import Grant, GrantKind
from domain.access.keys import KeyProof
from domain.access.role import Role
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.order_proofs import order_text
from domain.authority.permit import Claim, digest_of
from domain.authority.registrations import Registration, Topic
from domain.authority.rights import of_grant
from domain.clusters.access import Access
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Object
from domain.core.errors import SluicewayError
from domain.volumes.volume import VolumeAction, VolumeSpec
from tests.workers.signer.homes import Home
from workers.client.on_engine.orders import home_of

SPEC = ClusterSpec("edge", "memory")
POD: Object = content({"kind": "Pod"}, {}, {})


class People:
    """ann operates every cluster, bob only `lab`; cat only looks, and dan may do everything."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.keys = {name: home.person(name) for name in ("ann", "bob", "cat", "dan")}
        for at, (name, role, what) in enumerate(
            [
                ("ann", Role.OPERATOR, "engine:engine"),
                ("bob", Role.OPERATOR, "cluster:lab"),
                ("cat", Role.VIEWER, "engine:engine"),
                ("dan", Role.ADMIN, "engine:engine"),
            ]
        ):
            self._grant(at + 1, f"person:{name}", role, what)

    def _grant(self, id_: int, principal: str, role: Role, resource: str) -> None:
        with self.home.records.database.write() as connection:
            kept = Rights(self.home.records.database).grants.add(
                connection, Grant(id=id_, kind=GrantKind.ROLE, principal=principal, role=role, resource=resource)
            )
        topic, name, body = of_grant(kept)
        self.home.hand.register(Registration(topic=Topic(topic), name=name, body=body))

    @property
    def installation(self) -> str:
        return home_of(self.home.settings)

    def signed(
        self, order: Order, by: str = "", life_s: int = 300, nonce: str = "n1", home: str = ""
    ) -> tuple[Order, KeyProof]:
        whole = replace(order, expires_at=int(time.time()) + life_s, nonce=nonce)
        return whole, proof(self.keys[by or order.person.partition(":")[2]], whole, home or self.installation)


def proof(key: Ed25519PrivateKey, order: Order, home: str, kind: str = "") -> KeyProof:
    return KeyProof(base64.b64encode(key.sign(order_text(order, home))).decode(), kind)


def wanted(spec: ClusterSpec = SPEC, person: str = "person:ann") -> Order:
    body = form(spec)
    return Order(kind=OrderKind.CLUSTER, cluster=spec.name, what=digest_of(body), content=body, person=person)


def pod(body: Object = POD, cluster: str = "edge", person: str = "person:ann") -> Order:
    there = digest_of(where(Access("k", ""), "default"))
    id_ = f"pod/{cluster}/default/web/1"
    order = Order(kind=OrderKind.POD, cluster=cluster, what=digest_of(body), pod=id_, where=there, lasts_s=60)
    return replace(order, content=body, person=person)


def volume(action: VolumeAction, **more: str) -> Order:
    body = ordered(VolumeRequest("edge", VolumeSpec("data", **more), action, key="k"))  # type: ignore[arg-type]
    what = digest_of(body)
    return Order(kind=OrderKind.VOLUME, cluster="edge", what=what, content=body, person="person:ann", lasts_s=300)


def delete(person: str = "person:ann", cluster: str = "edge") -> Order:
    return Order(kind=OrderKind.DELETE, cluster=cluster, person=person)


def guard(actions: int) -> Order:
    return Order(kind=OrderKind.GUARD, cluster="edge", actions=actions, person="person:ann")


def code(call: Callable[[], object]) -> str:
    try:
        call()
    except SluicewayError as refused:
        return refused.code
    return "taken"


def given(people: People, order: Order, proof: KeyProof | None = None) -> str:
    return code(lambda: people.home.server.order(order, proof))


def claimed(home: Home, claim: Claim) -> str:
    return code(lambda: home.hand.permit(claim))
