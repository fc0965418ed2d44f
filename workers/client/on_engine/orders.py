"""Tells the signer what a caller wants of a cluster: without it the engine changes nothing in one."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace

from activities.authority import public_keys
from activities.kubernetes.kubeconfigs import AddressBook
from domain.access.checkpoint import origin_of
from domain.access.owner import is_owner
from domain.authority.cluster_orders import Order, OrderKind
from domain.core.errors import RefusedError
from domain.inventory.dialled import May
from workers.client.guard import Guard
from workers.client.on_engine.parts import EngineParts
from workers.client.ports.clusters import SignedOrder
from workers.core.settings import Settings


def home_of(settings: Settings) -> str:
    """The name of this installation in what people sign for it; empty: its signer has never run.

    Raises:
        SluicewayError: SLW017, the file of the signer's public keys cannot be read.
    """
    public = public_keys.known(settings.signer).get("permits", b"")
    return origin_of(public) if public else ""


WITHIN = frozenset({OrderKind.POD, OrderKind.VOLUME, OrderKind.OBJECT, OrderKind.GUARD})
"""What is done in a cluster, by whoever reaches it."""
BY_WORKERS = frozenset({OrderKind.POD, OrderKind.OBJECT})
"""What the worker in a cluster that dials out does where it is let."""


async def order(parts: EngineParts, guard: Guard, order: Order, signed: SignedOrder | None = None) -> None:
    """Gives an order in the caller's name. Call it inside `guard.use`, just before the workflow is told.

    Set `kind`, `cluster`, `what`, and for `CLUSTER`, `POD` and `VOLUME` also `content`: the JSON whose `digest_of` is
    `what` (`activities.authority.cluster_forms` makes all three). Person, time and nonce are filled in here. The owner
    of the home gives it by hand. Anybody else is a person, or a token of one, whose rights the signer asks itself:
    `clusters:change` on the cluster, `clusters:delete` for what deletes. `signed` is needed for `CLUSTER`, `DELETE`,
    `GUARD` with actions, and the deletion of a volume; nothing else reads it.

    Raises:
        RefusedError: SLW019, the caller is no person, or this process takes no orders; SLW040, it names a file or a
            variable of the engine's machine; SLW049, it is not signed as it has to be; SLW484, the person may not.
        RefusedError: SLW977, the cluster dials out, and its worker does not do this, or is not let.
        SluicewayError: SLW010, the signer does not answer.
    """
    if order.kind in WITHIN:
        await parts.read(lambda: _must_act(parts, order))
    if is_owner(guard.caller):
        tell = (await parts.engine()).order
        if tell is not None:
            by_hand = replace(order, by=f"{getpass.getuser()} (user {os.getuid()}) by hand")
            await parts.blocking(lambda: tell(by_hand))
        return
    give, caller = parts.order, guard.caller
    if give is None:
        raise RefusedError("SLW019", "this process takes no orders for clusters")
    whose = replace(order, person=caller.on_behalf_of or caller.principal.id, by=caller.principal.id)
    if signed is not None:
        whose = replace(whose, expires_at=signed.expires_at, nonce=signed.nonce)
    await parts.blocking(lambda: give(whose, signed.proof if signed else None))


def _must_act(parts: EngineParts, order: Order) -> None:
    if not _book(parts).dials_out(order.cluster):
        return
    if order.kind not in BY_WORKERS:
        raise RefusedError("SLW977", f"cluster {order.cluster} dials out: its worker does no {order.kind}")
    parts.far.must(order.cluster, May.ACT)


def _book(parts: EngineParts) -> AddressBook:
    return AddressBook(parts.settings.addresses)
