"""Orders that a person gives through a server: what the signer asks before it believes one, and what their key signs.

A server is believed nothing. The person is asked about by the rights of this moment; what makes, changes or destroys a
cluster, lets it repair itself, or deletes data, they sign as well.
"""

from __future__ import annotations

from dataclasses import replace

from domain.access.actions import Action
from domain.access.keys import KeyKind
from domain.access.principal import Principal, PrincipalKind
from domain.access.resource import Resource, ResourceKind, cluster_resource
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.initiators import EffectQuestion
from domain.authority.permit import digest_of
from domain.authority.registrations import LIFE_S, By
from domain.clusters.impersonation import SETTING
from domain.clusters.spec import of_the_machine
from domain.core import ids, names
from domain.core.canonical import text_to_sign
from domain.core.documents import Manifest, Node
from domain.core.errors import RefusedError
from domain.pods.object_action import API_VERSIONS
from domain.secrets.reference import is_free
from domain.volumes.volume import VolumeAction

KIND = "order/v1"
LONGEST_S = 7 * 86_400
"""An order for a pod or a volume holds no longer, whatever a server says."""
_WITH_CONTENT = frozenset({OrderKind.CLUSTER, OrderKind.POD, OrderKind.VOLUME, OrderKind.OBJECT})


def signed_part(order: Order, home: str) -> Manifest:
    """What a person signs of an order; a page builds it from what it shows. `home`: whose signer is to believe it
    (`domain.access.checkpoint.origin_of` its key), since people have one key for several installations.
    """
    return {
        "home": home,
        "kind": order.kind,
        "cluster": order.cluster,
        "what": order.what,
        "actions": order.actions,
        "person": order.person,
        "expires_at": order.expires_at,
        "nonce": order.nonce,
    }


def order_text(order: Order, home: str) -> bytes:
    """The bytes that the signature of an order covers."""
    return text_to_sign(KIND, signed_part(order, home))


def deletes_data(order: Order) -> bool:
    """Whether something is gone afterwards that nobody gets back."""
    action = Node(order.content).at("volume", "action").text()
    return order.kind is OrderKind.DELETE or (order.kind is OrderKind.VOLUME and action == VolumeAction.DELETE)


def needs_signature(order: Order) -> bool:
    """Whether rights alone are not enough. Automatic repair that is turned off, or only says what it would do, does
    nothing in a cluster.
    """
    if order.kind is OrderKind.GUARD:
        return order.actions > 0
    return order.kind is OrderKind.CLUSTER or deletes_data(order)


def action_of(order: Order) -> Action:
    """The right that an order needs."""
    return Action.CLUSTERS_DELETE if deletes_data(order) else Action.CLUSTERS_CHANGE


def person_of(order: Order) -> str:
    """The name of the person.

    Raises:
        RefusedError: SLW019, it is no person.
    """
    kind, _, name = order.person.partition(":")
    if kind != PrincipalKind.PERSON or not name:
        raise RefusedError("SLW019", "the signer takes orders of people, and of nobody else", why=order.person[:100])
    return name


def question_of(order: Order) -> EffectQuestion:
    """What the rights are asked. That the server has asked for a second factor is its word; a signature is better.

    Raises:
        RefusedError: SLW019, it is no person.
    """
    about = cluster_resource(order.cluster)
    who = Principal(kind=PrincipalKind.PERSON, name=person_of(order))
    return EffectQuestion(
        initiator=who, action=action_of(order), resource=about, run=about, confirmed=True, served=True
    )


def secrets_of(order: Order) -> list[EffectQuestion]:
    """What the rights are asked besides, for each secret that a pod gets: who runs it can read them there.

    Raises:
        RefusedError: SLW019, it is no person.
    """
    if order.kind is not OrderKind.POD:
        return []
    asked = question_of(order)
    named = sorted(set(Node(order.content)["secrets"].strings().values()))
    return [replace(asked, action=Action.EFFECT_SECRET, resource=_secret(name, order.cluster)) for name in named]


def _secret(name: str, cluster: str) -> Resource:
    return Resource(kind=ResourceKind.SECRET, name=name, cluster=cluster)


def untold(order: Order) -> str:
    """What is wrong with an order before anybody's rights are asked; empty: nothing."""
    if order.kind in _WITH_CONTENT and (not order.content or digest_of(order.content) != order.what):
        return "its content is not what it names"
    if order.lasts_s > LONGEST_S or order.lasts_s < 0:
        return "it would hold for too long"
    if order.kind is OrderKind.CLUSTER and Node(order.content)["name"].text() != order.cluster:
        return f"it is about cluster {order.cluster}, and its content about another one"
    if order.kind is OrderKind.VOLUME and Node(order.content).at("volume", "cluster").text() != order.cluster:
        return f"it is about cluster {order.cluster}, and its content about another one"
    if order.kind is OrderKind.OBJECT and not _is_object(Node(order.content)["object"]):
        return "it is about no object that something can be done with"
    if order.kind is OrderKind.POD and not ids.is_pod_in(order.pod, order.cluster):
        return f"it is about cluster {order.cluster}, and its pod is none there"
    return ""


def _is_object(said: Node) -> bool:
    """By names that lead to no other object: a name goes into an address of the cluster."""
    each = (said["namespace"].text(), *said["name"].text().split("."))
    return said["kind"].text() in API_VERSIONS and all(map(names.is_name, each))


def via(order: Order) -> str:
    """How the provider of a cluster is reached, as a digest; empty: it is no order of a cluster, or nobody said."""
    if order.kind is not OrderKind.CLUSTER or not order.content:
        return ""
    said = Node(order.content)
    return digest_of({"provider": said["provider"].text(), "connection": said["connection"].object()})


def via_before(order: Order, now: str) -> str:
    """How a cluster is reached until now, where no order has said it to this version of the signer: by what it is,
    which a server sends along. `now`: the digest that the signer has of that; empty: it does not know the cluster.
    """
    is_it = order.kind is OrderKind.CLUSTER and bool(now) and bool(order.before) and digest_of(order.before) == now
    return via(replace(order, content=order.before)) if is_it else ""


def impersonates(order: Order) -> bool:
    """Whether people act under their own names in the cluster that is ordered."""
    return order.kind is OrderKind.CLUSTER and Node(order.content)["connection"].strings().get(SETTING) == "true"


def from_the_machine(order: Order, known: str) -> str:
    """What an order takes of the engine's own files and variables; empty: nothing. `known`: how the cluster's provider
    is reached already, which somebody has said by hand.
    """
    said = Node(order.content)
    if order.kind is OrderKind.CLUSTER:
        return (
            ""
            if known and via(order) == known
            else of_the_machine(said["provider"].text(), said["connection"].strings())
        )
    if folder := said.at("volume", "spec", "host_path").text():
        return f"the folder {folder[:100]}"
    free = [name for name, one in said["secrets"].strings().items() if is_free(one)]
    return f"secret {free[0][:100]}" if free else ""


def objection(order: Order, by: By | None, nonces: dict[str, int], now: float) -> str:
    """Why a signature does not count; empty: it does. `by`: None, no key of this person has made it."""
    if by is None:
        return "no key of this person has signed it for this installation"
    if not order.nonce or order.nonce in nonces:
        return "it was said before"
    if not now < order.expires_at <= now + LIFE_S:
        return "its time is over, or too long"
    if by.kind == KeyKind.BROWSER:
        return "a key that is stored in a browser gives no orders: a script on the page could use it"
    if not by.confirmed:
        return "the key that has signed it is not confirmed yet"
    return ""
