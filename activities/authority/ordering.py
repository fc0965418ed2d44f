"""What the signer takes as an order for a cluster: said by hand in the home, or by a person through a server."""

from __future__ import annotations

from dataclasses import replace

from activities.authority.known import Registry
from domain.access.verdict import Verdict
from domain.authority import order_proofs as proofs
from domain.authority.cluster_orders import ClusterLedger, Order, OrderKind, order_of
from domain.authority.initiators import EffectQuestion
from domain.authority.registrations import Register, proof_body, proof_of
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError


def by_hand(known: ClusterLedger, body: Object) -> Manifest:
    """The entry of an order that was given in the home.

    Raises:
        RefusedError: SLW049, a pod that is to run again was never ordered.
        ValueError: it is none.
    """
    order = order_of({**body, "person": "", "nonce": ""})
    _as_before(known, order)
    return _read(order).body()


def through_server(
    register: Register, registry: Registry, known: ClusterLedger, body: Object, now: float, home: str
) -> Manifest:
    """The entry of an order of a person, with the rule that permits it and the proof. `home`: of this signer.

    Raises:
        RefusedError: SLW019, no person orders this; SLW040, it takes a file of the machine; SLW049, it is not what it
            says, or not signed as it has to be; SLW484, the person may not.
        ValueError: it is no order.
    """
    order, proof = order_of(body), proof_of(Node(body)["proof"])
    if order.kind is OrderKind.IMPORT:
        raise RefusedError("SLW019", "a server may not order an import: it is a command by hand")
    asked = proofs.question_of(order)
    if why := proofs.untold(order):
        raise _not_taken(order, why)
    _as_before(known, order)
    reached = known.via(order.cluster) or proofs.via_before(order, known.state(order.cluster))
    if taken := proofs.from_the_machine(order, reached):
        what = f"{taken[:200]} of this order names a file or a variable of the engine's machine"
        raise RefusedError("SLW040", what, fix="write the name of a secret, or give the order on that machine once")
    if order.kind is OrderKind.CLUSTER and known.impersonates(order.cluster) and not proofs.impersonates(order):
        raise _not_taken(order, "people act in it under their own names, which only an order by hand can end")
    verdict = _permitted(registry, asked)
    for secret in proofs.secrets_of(order):
        _permitted(registry, secret)
    entry: Manifest = {**_read(order).body(), "rule": verdict.rule if verdict else ""}
    if not proofs.needs_signature(order):
        return {**entry, "expires_at": 0, "nonce": ""}
    keys = register.keys_of(proofs.person_of(order))
    by = registry.prover(keys, proof, proofs.order_text(order, home)) if proof else None
    if why := proofs.objection(order, by, known.nonces, now):
        raise _not_taken(order, why)
    return {**entry, "key": by.key if by else "", "proof": proof_body(proof) if proof else {}}


def _as_before(known: ClusterLedger, order: Order) -> None:
    if order.again and not known.was_ordered(order):
        raise _not_taken(order, "it is not the pod that was ordered before")


def _read(order: Order) -> Order:
    """With what its content says."""
    return replace(order, via=proofs.via(order), impersonates=proofs.impersonates(order))


def _permitted(registry: Registry, asked: EffectQuestion) -> Verdict | None:
    """Raises:
    RefusedError: SLW484, the person may not.
    """
    verdict = registry.verdict(asked)
    if verdict is not None and not verdict.allowed:
        what = f"{verdict.principal} may not {verdict.action} on {verdict.resource}"
        raise RefusedError("SLW484", what, where=verdict.rule, why=verdict.reason, fix=verdict.missing)
    return verdict


def _not_taken(order: Order, why: str) -> RefusedError:
    return RefusedError("SLW049", f"the signer does not take this order for cluster {order.cluster[:64]}", why=why)
